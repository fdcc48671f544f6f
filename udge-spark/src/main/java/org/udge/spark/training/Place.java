package org.udge.spark.training;

import java.io.Serializable;
import org.apache.spark.SparkEnv;

/** Which worker something happened to, and where. */
record Place(int worker, String executor, String host) implements Serializable {

  /** The process that calls this. */
  static Place of(int worker) {
    SparkEnv environment = SparkEnv.get();
    return new Place(
        worker, environment.executorId(), environment.blockManager().blockManagerId().host());
  }

  @Override
  public String toString() {
    return "worker " + worker + " on executor " + executor + " (" + host + ")";
  }
}
