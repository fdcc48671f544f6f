package org.udge.engine.graph;

import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.gradient.EluBp;
import org.nd4j.linalg.factory.Nd4j;

/** An exponential linear unit whose backward pass uses its own alpha; that of ND4J's uses 1. */
final class ExactElu extends ActivationELU {

  private static final long serialVersionUID = 1;

  ExactElu(double alpha) {
    super(alpha);
  }

  @Override
  public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
    assertShape(in, epsilon);
    INDArray gradient = Nd4j.exec(new EluBp(in, epsilon, in.ulike(), getAlpha()))[0];
    return new Pair<>(gradient, null);
  }
}
