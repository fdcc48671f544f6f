package org.udge.network;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.Collection;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * The common configuration of normalizations of images, [N, C, H, W], with per-channel parameters.
 *
 * <p>Mutable only in that Deeplearning4j sets names, updaters and sizes while it builds a network.
 * Not thread-safe until the network has been built.
 */
public abstract class ChannelNormalization extends FeedForwardLayer {

  private static final long serialVersionUID = 1;

  /** Constructor for subclasses in this package. */
  ChannelNormalization() {}

  /** Creates the layer that performs the computation. */
  abstract org.deeplearning4j.nn.layers.BaseLayer<?> layer(
      NeuralNetConfiguration configuration, DataType type);

  @Override
  public Layer instantiate(
      NeuralNetConfiguration configuration,
      Collection<TrainingListener> listeners,
      int index,
      INDArray parameters,
      boolean initialize,
      DataType type) {
    org.deeplearning4j.nn.layers.BaseLayer<?> layer = layer(configuration, type);
    layer.setListeners(listeners);
    layer.setIndex(index);
    layer.setParamsViewArray(parameters);
    layer.setParamTable(initializer().init(configuration, parameters, initialize));
    layer.setConf(configuration);
    return layer;
  }

  @Override
  public InputType getOutputType(int index, InputType input) {
    channels(input);
    return input;
  }

  @Override
  public void setNIn(InputType input, boolean override) {
    if (nIn <= 0 || override) {
      nIn = channels(input);
      nOut = nIn;
    }
  }

  @CanIgnoreReturnValue
  private long channels(InputType input) {
    checkArgument(
        input instanceof InputTypeConvolutional images && images.getFormat() == CNN2DFormat.NCHW,
        "layer '%s' normalizes images [N, C, H, W], its input is %s",
        getLayerName(),
        input);
    return ((InputTypeConvolutional) input).getChannels();
  }

  /** Returns null: no preprocessor is needed. */
  @Override
  public @Nullable InputPreProcessor getPreProcessorForInputType(InputType input) {
    return null; // null means "none" in Deeplearning4j
  }

  @Override
  public List<Regularization> getRegularizationByParam(String name) {
    return List.of();
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType input) {
    long parameters = initializer().numParams(this);
    return new LayerMemoryReport.Builder(getLayerName(), getClass(), input, input)
        .standardMemory(parameters, getIUpdater().stateSize(parameters))
        .workingMemory(0, input.arrayElementsPerExample(), 0, 3 * input.arrayElementsPerExample())
        .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
        .build();
  }

  /** Layers of different classes are unequal even if their settings are equal. */
  @Override
  protected boolean canEqual(Object other) {
    return getClass() == other.getClass();
  }
}
