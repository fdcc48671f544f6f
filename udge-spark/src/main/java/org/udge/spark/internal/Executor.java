package org.udge.spark.internal;

import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.util.Utils;
import org.bytedeco.javacpp.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.udge.spark.data.ExecutorException;

/** The process of the cluster in which this code runs. */
public final class Executor {

  private static final Logger LOG = LoggerFactory.getLogger(Executor.class);

  private static final String DRIVER = "driver";

  /** The default memory overhead that Spark's resource managers add to an executor's heap. */
  private static final double OVERHEAD_FACTOR = 0.1;

  private static final long OVERHEAD_MINIMUM_MIB = 384;

  /** JavaCPP reads both properties once, when its class is loaded. */
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
   * The id of this process in the application.
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
   * Whether this is the driver, which also runs the tasks in Spark's local mode.
   *
   * @return false in an executor's own process
   */
  public static boolean isDriver() {
    SparkEnv environment = SparkEnv.get();
    return environment == null || DRIVER.equals(environment.executorId());
  }

  /**
   * The number of threads that a task may use: the cores that Spark gives to the calling task.
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
   * @param problem the failure, which follows the process's name and a colon
   * @param cause the cause
   * @return the exception to throw
   */
  public static ExecutorException failure(String problem, Throwable cause) {
    return new ExecutorException(name() + ": " + problem, notFatal(cause));
  }

  /**
   * Returns a cause that may travel to the driver. Spark ends a process if it finds an {@link
   * OutOfMemoryError} among the causes of a failure, and then reports only that an executor was
   * lost. An error of native memory leaves the process intact, and its message states the limit.
   *
   * @param cause any failure
   * @return the cause itself, or, for an {@link OutOfMemoryError}, an exception with its message
   *     and stack trace
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
   * @param problem the failure, which follows the process's name and a colon
   * @return the exception to throw
   */
  public static ExecutorException failure(String problem) {
    return new ExecutorException(name() + ": " + problem);
  }

  /**
   * Limits native memory to that of the executor, unless the user has set a limit. Call it before
   * any use of ND4J; later it has no effect. It does nothing in the driver.
   *
   * <p>Arrays outside the heap may use {@code spark.executor.memoryOverhead}; the whole process,
   * heap included, may use the sum of that and {@code spark.executor.memory}.
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
