package org.udge.evaluation.robustness;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.function.BiFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.random.RandomStream;

/** A function whose derivative is assumed to be the identity. */
record FunctionRefinement(
    BiFunction<INDArray, RandomStream, INDArray> change, GradientPath gradientPath)
    implements Refinement {

  @Override
  public Refined refine(INDArray images, RandomStream random) {
    INDArray refined = change.apply(images, random);
    checkArgument(
        refined.equalShapes(images),
        "refinement changed the shape to %s",
        Arrays.toString(refined.shape()));
    return new Refined() {
      @Override
      public INDArray images() {
        return refined;
      }

      @Override
      public INDArray pullBack(INDArray gradient) {
        return gradient;
      }
    };
  }
}
