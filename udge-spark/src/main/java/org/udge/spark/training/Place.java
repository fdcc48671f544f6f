package org.udge.spark.training;

import java.io.Serializable;
import org.udge.spark.internal.Executor;

/** A worker and its location. */
record Place(int worker, String executor, String host) implements Serializable {

  /** The location of the calling process. */
  static Place of(int worker) {
    return new Place(worker, Executor.id(), Executor.host());
  }

  @Override
  public String toString() {
    return "worker " + worker + " on executor " + executor + " (" + host + ")";
  }
}
