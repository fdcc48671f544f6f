package org.udge.examples.doctor;

import org.nd4j.linalg.api.ndarray.INDArray;

/** How far an array is from what it should be. */
public final class RelativeError {

  private RelativeError() {}

  /** The norm of the difference over that of what is right. */
  public static double of(INDArray actual, INDArray expected) {
    return actual.distance2(expected) / expected.norm2Number().doubleValue();
  }
}
