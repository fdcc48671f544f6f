package org.udge.spark.internal;

import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.util.Utils;
import org.bytedeco.javacpp.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.udge.spark.data.ExecutorException;

/** The process of the cluster that this code runs in. */
public final class Executor {

  private static final Logger LOG = LoggerFactory.getLogger(Executor.class);

  private static final String DRIVER = "driver";

  /** What Spark's resource managers add to an executor's heap where nothing is said. */
  private static final double OVERHEAD_FACTOR = 0.1;

  private static final long OVERHEAD_MINIMUM_MIB = 384;

  /** JavaCPP reads both once, when its class is loaded. */
  private static final String MAX_BYTES = "org.bytedeco.javacpp.maxbytes";

  private static final String MAX_PHYSICAL_BYTES = "org.bytedeco.javacpp.maxphysicalbytes";

  private Executor() {}

  /**
   * The name of this process for messages.
   *
   * @return for example {@code executor 1 on 10.0.0.7}, or {@code the driver on 10.0.0.5}
   */
  public static String name() {
    if (SparkEnv.get() == null) {
      return "a process outside Spark";
    }
    return isDriver() ? "the driver on " + host() : "executor " + id() + " on " + host();
  }

  /**
   * Which process of the application this is.
   *
   * @return Spark's id of the executor, {@code driver} in the driver
   */
  public static String id() {
    return SparkEnv.get().executorId();
  }

  /**
   * The machine of this process.
   *
   * @return its name or address, as Spark knows it
   */
  public static String host() {
    return SparkEnv.get().blockManager().blockManagerId().host();
  }

  /**
   * Whether this is the driver, which runs the tasks too in Spark's local mode.
   *
   * @return false in an executor's own process
   */
  public static boolean isDriver() {
    SparkEnv environment = SparkEnv.get();
    return environment == null || DRIVER.equals(environment.executorId());
  }

  /**
   * How many threads a task may use: the cores that Spark gives to the one that calls this.
   *
   * @return {@code spark.task.cpus}, by default 1, or what the stage's resource profile says
   *     instead; outside of a task {@code spark.task.cpus}
   */
  public static int threadsPerTask() {
    TaskContext task = TaskContext.get();
    if (task != null) {
      return task.cpus();
    }
    SparkEnv environment = SparkEnv.get();
    return environment == null ? 1 : environment.conf().getInt("spark.task.cpus", 1);
  }

  /**
   * A failure of this process.
   *
   * @param problem what went wrong, after the process's name and a colon
   * @param cause why
   * @return to be thrown
   */
  public static ExecutorException failure(String problem, Throwable cause) {
    return new ExecutorException(name() + ": " + problem, notFatal(cause));
  }

  /**
   * A cause that may travel to the driver. Spark ends a process in whose failure it finds an {@link
   * OutOfMemoryError}, and then tells only that an executor was lost; that of native memory says
   * what was too much, and leaves the process whole.
   *
   * @param cause any failure
   * @return the same, or one with the text and the stack trace of the {@link OutOfMemoryError} that
   *     it is
   */
  public static Throwable notFatal(Throwable cause) {
    if (!(cause instanceof OutOfMemoryError)) {
      return cause;
    }
    IllegalStateException told = new IllegalStateException(cause.toString());
    told.setStackTrace(cause.getStackTrace());
    return told;
  }

  /**
   * A failure of this process.
   *
   * @param problem what went wrong, after the process's name and a colon
   * @return to be thrown
   */
  public static ExecutorException failure(String problem) {
    return new ExecutorException(name() + ": " + problem);
  }

  /**
   * Holds native memory within what the executor was given, unless the user has said how much there
   * may be. Call it before anything of ND4J; later it has no effect. Does nothing in the driver.
   *
   * <p>Arrays outside the heap may take {@code spark.executor.memoryOverhead}; the whole process,
   * heap included, that and {@code spark.executor.memory}.
   */
  public static void limitNativeMemory() {
    if (isDriver()) {
      return;
    }
    synchronized (Executor.class) {
      if (System.getProperty(MAX_BYTES) == null && System.getProperty(MAX_PHYSICAL_BYTES) == null) {
        long overhead = overheadMib();
        System.setProperty(MAX_BYTES, overhead + "m");
        System.setProperty(MAX_PHYSICAL_BYTES, heapMib() + overhead + "m");
        LOG.info(
            "{}: native memory limited to {} MiB, the process to {} MiB",
            name(),
            Pointer.maxBytes() >> 20,
            Pointer.maxPhysicalBytes() >> 20);
      }
    }
  }

  private static long heapMib() {
    return SparkEnv.get().conf().getSizeAsMb("spark.executor.memory", "1g");
  }

  private static long overheadMib() {
    long byDefault = Math.max(OVERHEAD_MINIMUM_MIB, (long) (OVERHEAD_FACTOR * heapMib()));
    return SparkEnv.get().conf().getSizeAsMb("spark.executor.memoryOverhead", byDefault + "m");
  }

  /**
   * Whether tasks run in the driver's own process.
   *
   * @return true in Spark's local mode
   */
  public static boolean isLocal() {
    SparkEnv environment = SparkEnv.get();
    return environment != null && Utils.isLocalMaster(environment.conf());
  }
}
