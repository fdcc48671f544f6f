package org.udge.network;

import static java.util.Objects.requireNonNull;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The implementation of {@link SampleNormalization}. Retains only its input, so repeated backward
 * passes give the same gradient.
 */
final class SampleNormalizationLayer extends BaseLayer<SampleNormalization> {

  private static final long serialVersionUID = 1;

  SampleNormalizationLayer(NeuralNetConfiguration configuration, DataType type) {
    super(configuration, type);
  }

  @Override
  public Type type() {
    return Type.NORMALIZATION;
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    INDArray y =
        standardize(input)
            .values()
            .muli(Channels.over(getParam(SampleNormalization.GAMMA)))
            .addi(Channels.over(getParam(SampleNormalization.BETA)));
    return workspaces.leverageTo(ArrayType.ACTIVATIONS, y);
  }

  /**
   * Computes the gradient. With z the standardized input, s its inverse standard deviation and g =
   * gamma dL/dy: dL/dx = s (g - mean(g) - z mean(g z)), where means are over the axes of the
   * statistics.
   */
  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray outputGradient, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    int[] axes = layerConf().statisticsAxes();
    Standardized z = standardize(input);
    Gradient gradient = new DefaultGradient();
    put(gradient, SampleNormalization.GAMMA, Channels.sum(outputGradient.mul(z.values())));
    put(gradient, SampleNormalization.BETA, Channels.sum(outputGradient));

    INDArray g = outputGradient.mul(Channels.over(getParam(SampleNormalization.GAMMA)));
    INDArray meanProduct = g.mul(z.values()).mean(true, axes);
    g.subi(g.mean(true, axes)).subi(z.values().muli(meanProduct)).muli(z.inverseDeviation());
    return Pair.of(gradient, workspaces.leverageTo(ArrayType.ACTIVATION_GRAD, g));
  }

  private void put(Gradient gradient, String name, INDArray values) {
    gradient.setGradientFor(name, requireNonNull(gradientViews.get(name)).assign(values));
  }

  private Standardized standardize(INDArray x) {
    int[] axes = layerConf().statisticsAxes();
    INDArray centered = x.castTo(dataType).sub(x.castTo(dataType).mean(true, axes));
    INDArray variance = centered.mul(centered).mean(true, axes);
    INDArray inverseDeviation =
        Transforms.pow(variance.addi(layerConf().getEpsilon()), -0.5, false);
    return new Standardized(centered.muli(inverseDeviation), inverseDeviation);
  }

  private record Standardized(INDArray values, INDArray inverseDeviation) {}
}
