package org.udge.examples.doctor;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The relative error of an array. */
public final class RelativeError {

  private RelativeError() {}

  /** The norm of the difference divided by that of the correct values. */
  public static double of(INDArray actual, INDArray expected) {
    return actual.distance2(expected) / expected.norm2Number().doubleValue();
  }
}
