package org.udge.datasets;

/** Which part of a data set, as its makers cut it. */
public enum Split {
  /** To train on. */
  TRAIN,
  /** To test with. */
  TEST
}
