package org.udge.engine.graph;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.udge.engine.BatchStatistics;

/**
 * Batch normalization by running statistics: y = gamma (x - mean) / sqrt(var + eps) + beta.
 *
 * <p>Deeplearning4j's layer computes this in the forward pass, but its backward pass always uses
 * batch statistics.
 */
final class RunningStatistics {

  private final INDArray mean;
  private final INDArray inverseDeviation;
  private final INDArray gamma;
  private final INDArray beta;
  private final Map<String, INDArray> gradientViews;
  private final boolean channelsLast;

  private RunningStatistics(BatchNormalization layer, boolean frozen) {
    org.deeplearning4j.nn.conf.layers.BatchNormalization settings =
        (org.deeplearning4j.nn.conf.layers.BatchNormalization) layer.conf().getLayer();
    mean = layer.getParam(BatchNormalizationParamInitializer.GLOBAL_MEAN);
    INDArray variance =
        settings.isUseLogStd()
            ? Transforms.exp(
                layer
                    .getParam(BatchNormalizationParamInitializer.GLOBAL_LOG_STD)
                    .mul(2 * Math.log(10)))
            : layer.getParam(BatchNormalizationParamInitializer.GLOBAL_VAR);
    inverseDeviation = Transforms.pow(variance.add(settings.getEps()), -0.5);
    channelsLast = settings.getCnn2DFormat() == CNN2DFormat.NHWC;
    boolean locked = settings.isLockGammaBeta();
    gamma =
        locked
            ? Nd4j.valueArrayOf(mean.shape(), settings.getGamma(), mean.dataType())
            : layer.getParam(BatchNormalizationParamInitializer.GAMMA);
    beta =
        locked
            ? Nd4j.valueArrayOf(mean.shape(), settings.getBeta(), mean.dataType())
            : layer.getParam(BatchNormalizationParamInitializer.BETA);
    gradientViews =
        locked || frozen
            ? Map.of()
            : settings
                .initializer()
                .getGradientsFromFlattened(layer.conf(), layer.getGradientsViewArray());
  }

  /** Returns the running statistics of a batch normalization, wrapped or not. */
  static RunningStatistics of(Layer layer) {
    return new RunningStatistics(
        (BatchNormalization) BatchStatistics.innermost(layer), BatchStatistics.isFrozen(layer));
  }

  INDArray forward(INDArray x) {
    return normalized(x).muli(overChannels(gamma, x)).addi(overChannels(beta, x));
  }

  INDArray backward(INDArray x, INDArray gradient) {
    if (!gradientViews.isEmpty()) {
      INDArray gammaGradient = sumPerChannel(gradient.mul(normalized(x)));
      INDArray betaGradient = sumPerChannel(gradient);
      assign(BatchNormalizationParamInitializer.GAMMA, gammaGradient);
      assign(BatchNormalizationParamInitializer.BETA, betaGradient);
    }
    return gradient.mul(overChannels(gamma.mul(inverseDeviation), x));
  }

  private void assign(String name, INDArray values) {
    INDArray view = requireNonNull(gradientViews.get(name));
    view.assign(values.reshape(view.shape()));
  }

  private INDArray normalized(INDArray x) {
    return x.sub(overChannels(mean, x)).muli(overChannels(inverseDeviation, x));
  }

  private INDArray sumPerChannel(INDArray values) {
    if (values.rank() != 4) {
      return values.sum(0);
    }
    return channelsLast ? values.sum(0, 1, 2) : values.sum(0, 2, 3);
  }

  private INDArray overChannels(INDArray perChannel, INDArray x) {
    if (x.rank() != 4) {
      return perChannel.reshape(1, perChannel.length());
    }
    return channelsLast
        ? perChannel.reshape(1, 1, 1, perChannel.length())
        : perChannel.reshape(1, perChannel.length(), 1, 1);
  }
}
