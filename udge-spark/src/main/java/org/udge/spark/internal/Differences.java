package org.udge.spark.internal;

/** What is said of an executor that would compute something else than the driver. */
public final class Differences {

  private Differences() {}

  /**
   * Other classes of this library.
   *
   * @param here those of this process
   * @param onDriver those of the driver
   * @return the message, without the process
   */
  public static String ofClasses(String here, String onDriver) {
    return "its jars of udge are "
        + here
        + ", the driver's are "
        + onDriver
        + ": give all the same (spark-submit's --jars, or spark.executor.extraClassPath)";
  }

  /**
   * Another engine.
   *
   * @param here that of this process
   * @param onDriver that of the driver
   * @return the message, without the process
   */
  public static String ofEngines(String here, String onDriver) {
    return "it would compute with engine "
        + here
        + ", the driver has "
        + onDriver
        + ": give both the same jars of native libraries (udge-cpu for the platform), or choose"
        + " engine onednn, to learn what is missing, or graph, which runs everywhere";
  }
}
