package org.udge.spark;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * A standalone master and two workers of one core each, in processes of their own on the loopback
 * address, from the jars of this test's class path; programs are submitted to it as {@code
 * spark-submit} does.
 */
public final class StandaloneCluster implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 900;

  private final Path folder;
  private final int port;
  private final List<Process> processes = new ArrayList<>();
  private final List<Process> workers = new ArrayList<>();

  private StandaloneCluster(Path folder, int port) {
    this.folder = folder;
    this.port = port;
  }

  /**
   * Starts a cluster.
   *
   * @param folder where it writes: logs of each process among them
   */
  public static StandaloneCluster start(Path folder) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    StandaloneCluster cluster = new StandaloneCluster(folder, port);
    Files.createDirectories(folder.resolve("home/jars"));
    try {
      cluster.java(
          "master",
          "1g",
          "org.apache.spark.deploy.master.Master",
          List.of("--host", "127.0.0.1", "--port", String.valueOf(port), "--webui-port", "0"));
      await("the master listens", cluster::listens);
      for (int i = 0; i < 2; i++) {
        cluster.workers.add(
            cluster.java(
                "worker" + i,
                "1g",
                "org.apache.spark.deploy.worker.Worker",
                List.of(
                    "--host",
                    "127.0.0.1",
                    "--webui-port",
                    "0",
                    "--cores",
                    "1",
                    "--memory",
                    "5g",
                    "--work-dir",
                    folder.resolve("work" + i).toString(),
                    cluster.master())));
      }
      return cluster;
    } catch (IOException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private boolean listens() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Waits until something is so. */
  public static void await(String what, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
        throw new AssertionError("waited in vain for this: " + what);
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }

  /** The address that programs are submitted to. */
  public String master() {
    return "spark://127.0.0.1:" + port;
  }

  /** What a program wrote to its standard output and error so far. */
  public String log(String name) throws IOException {
    return Files.readString(folder.resolve(name + ".log"));
  }

  /**
   * Submits a program, as {@code spark-submit} does.
   *
   * @param name of its log
   * @param main its main class
   * @param settings of Spark, by key; {@code spark.master} is another place to run than this
   * @param arguments of the program
   */
  public Process submit(
      String name, Class<?> main, Map<String, String> settings, String... arguments)
      throws IOException {
    Map<String, String> conf = new LinkedHashMap<>();
    conf.put("spark.driver.host", "127.0.0.1");
    conf.put("spark.driver.bindAddress", "127.0.0.1");
    conf.put("spark.driver.memory", "1g");
    conf.put("spark.executor.memory", "1g");
    conf.put("spark.executor.extraClassPath", classPath());
    conf.put("spark.executorEnv.OMP_NUM_THREADS", "1");
    conf.put("spark.ui.enabled", "false");
    conf.putAll(settings);
    String master = Optional.ofNullable(conf.remove("spark.master")).orElseGet(this::master);
    List<String> all = new ArrayList<>(List.of("--master", master, "--class", main.getName()));
    conf.forEach((key, value) -> all.addAll(List.of("--conf", key + "=" + value)));
    all.add("spark-internal");
    all.addAll(List.of(arguments));
    return java(name, conf.get("spark.driver.memory"), "org.apache.spark.deploy.SparkSubmit", all);
  }

  /** Processes that run executors now. */
  public List<ProcessHandle> executors() {
    return workers.stream().flatMap(Process::descendants).filter(ProcessHandle::isAlive).toList();
  }

  /** The class path of this test. */
  public static String classPath() {
    return System.getProperty("java.class.path");
  }

  /** The same without oneDNN's native library for any platform. */
  public static String classPathWithoutOneDnn() {
    return Arrays.stream(classPath().split(File.pathSeparator))
        .filter(entry -> !entry.matches(".*dnnl-[^/]*-(linux|macosx|windows)-.*\\.jar"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private Process java(String name, String memory, String main, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UseSerialGC");
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    command.add("-Xmx" + memory);
    command.addAll(List.of("-cp", classPath(), main));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(new File(folder.toFile(), name + ".log"));
    builder.environment().put("SPARK_HOME", folder.resolve("home").toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().put("OMP_NUM_THREADS", "1");
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  @Override
  public void close() {
    for (Process process : processes) {
      List<ProcessHandle> all =
          Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
      all.forEach(ProcessHandle::destroyForcibly);
      all.forEach(handle -> handle.onExit().orTimeout(60, TimeUnit.SECONDS).join());
    }
  }
}
