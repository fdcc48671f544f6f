package org.udge.engine.graph;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The backward pass of local response normalization: with s = k + alpha sum of x^2 over neighboring
 * channels and y = x s^-beta, the input gradient for the output gradient g is g s^-beta - 2 alpha
 * beta x sum of g x s^(-beta - 1).
 *
 * <p>Deeplearning4j, in contrast, divides by s after the sum over neighbors, not within the sum.
 */
final class LocalResponse {

  private LocalResponse() {}

  static INDArray backward(LocalResponseNormalization settings, INDArray x, INDArray gradient) {
    if (settings.getDataFormat() == CNN2DFormat.NCHW) {
      return ofChannelsFirst(settings, x, gradient);
    }
    return ofChannelsFirst(settings, x.permute(0, 3, 1, 2), gradient.permute(0, 3, 1, 2))
        .permute(0, 2, 3, 1)
        .dup('c');
  }

  private static INDArray ofChannelsFirst(
      LocalResponseNormalization settings, INDArray x, INDArray gradient) {
    int reach = (int) settings.getN() / 2;
    double beta = settings.getBeta();
    INDArray scale = overNeighbors(x.mul(x), reach).muli(settings.getAlpha()).addi(settings.getK());
    INDArray power = Transforms.pow(scale, -beta);
    INDArray inner = overNeighbors(gradient.mul(x).muli(power).divi(scale), reach);
    return gradient.mul(power).subi(inner.muli(x).muli(2 * settings.getAlpha() * beta));
  }

  private static INDArray overNeighbors(INDArray values, int reach) {
    INDArray sum = values.dup('c');
    long channels = values.size(1);
    for (int i = 1; i <= Math.min(reach, channels - 1); i++) {
      sum.get(all(), interval(i, channels), all(), all())
          .addi(values.get(all(), interval(0, channels - i), all(), all()));
      sum.get(all(), interval(0, channels - i), all(), all())
          .addi(values.get(all(), interval(i, channels), all(), all()));
    }
    return sum;
  }
}
