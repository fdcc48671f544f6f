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

/** The implementation of {@link ActNormalization}. Retains only its input. */
final class ActNormalizationLayer extends BaseLayer<ActNormalization> {

  private static final long serialVersionUID = 1;

  /** Keeps the scale finite for a channel that is constant in the first batch. */
  private static final double DEVIATION_FLOOR = 1e-6;

  ActNormalizationLayer(NeuralNetConfiguration configuration, DataType type) {
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

  boolean isInitialized() {
    return getParam(ActNormalization.INITIALIZED).getDouble(0) != 0;
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    INDArray x = input.castTo(dataType);
    if (training && !isInitialized()) {
      initializeFrom(x);
    }
    INDArray y = shifted(x).muli(scale());
    return workspaces.leverageTo(ArrayType.ACTIVATIONS, y);
  }

  private void initializeFrom(INDArray x) {
    INDArray mean = x.mean(0, 2, 3);
    INDArray centered = x.sub(Channels.over(mean));
    long count = x.length() / x.size(1);
    INDArray variance = Channels.sum(centered.muli(centered)).divi(Math.max(1, count - 1));
    INDArray deviation = Transforms.sqrt(variance, false);
    getParam(ActNormalization.LOC).assign(mean.negi());
    getParam(ActNormalization.SCALE).assign(deviation.addi(DEVIATION_FLOOR).rdivi(1));
    getParam(ActNormalization.INITIALIZED).assign(1);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray outputGradient, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    INDArray x = input.castTo(dataType);
    INDArray inputGradient = outputGradient.mul(scale());
    Gradient gradient = new DefaultGradient();
    put(gradient, ActNormalization.LOC, Channels.sum(inputGradient));
    put(gradient, ActNormalization.SCALE, Channels.sum(shifted(x).muli(outputGradient)));
    INDArray flag = requireNonNull(gradientViews.get(ActNormalization.INITIALIZED));
    gradient.setGradientFor(ActNormalization.INITIALIZED, flag.assign(0));
    return Pair.of(gradient, workspaces.leverageTo(ArrayType.ACTIVATION_GRAD, inputGradient));
  }

  private void put(Gradient gradient, String name, INDArray values) {
    gradient.setGradientFor(name, requireNonNull(gradientViews.get(name)).assign(values));
  }

  private INDArray shifted(INDArray x) {
    return x.add(Channels.over(getParam(ActNormalization.LOC)));
  }

  private INDArray scale() {
    return Channels.over(getParam(ActNormalization.SCALE));
  }
}
