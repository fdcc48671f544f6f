package org.udge.engine;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.Locale;
import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;

/**
 * The part of a classifier that ends at its logits.
 *
 * <p>A Deeplearning4j classifier ends in an {@code OutputLayer} or {@code LossLayer} with softmax
 * or identity activation. A loss without activation may follow a layer that computes the softmax:
 * its logits are what goes into that softmax. Here the last layer becomes a dense (or identity)
 * layer with the same parameters in the same places, so that a graph of this configuration can
 * share the classifier's flat parameter array and puts out logits. No methods with state;
 * thread-safe.
 */
public final class LogitsConfiguration {

  private LogitsConfiguration() {}

  /**
   * Replaces the output layer.
   *
   * @param classifier a configuration with one input and one output; not changed
   * @return a copy that puts out logits
   * @throws IllegalArgumentException if the network has several inputs or outputs, its output is
   *     not a softmax or identity output layer, its parameters are not float32, or it takes images
   *     as NHWC; the message names the layer and says what to do
   */
  public static ComputationGraphConfiguration of(ComputationGraphConfiguration classifier) {
    checkArgument(
        classifier.getNetworkInputs().size() == 1,
        "an energy model has one input, this network has %s",
        classifier.getNetworkInputs());
    checkArgument(
        classifier.getNetworkOutputs().size() == 1,
        "an energy model has one output of logits, this network has %s",
        classifier.getNetworkOutputs());
    classifier.getVertices().forEach(LogitsConfiguration::checkFormat);
    ComputationGraphConfiguration copy = classifier.clone();
    String output = copy.getNetworkOutputs().get(0);
    GraphVertex vertex = requireNonNull(copy.getVertices().get(output));
    checkArgument(
        vertex instanceof LayerVertex,
        "output '%s' must be a layer, is a %s",
        output,
        vertex.getClass().getSimpleName());
    LayerVertex layerVertex = (LayerVertex) vertex;
    NeuralNetConfiguration layerConfiguration = layerVertex.getLayerConf();
    Layer loss = layerConfiguration.getLayer();
    layerConfiguration.setLayer(withoutLoss(output, loss));
    if (loss instanceof LossLayer last && last.getActivationFn() instanceof ActivationIdentity) {
      removeSoftmaxBefore(output, copy);
    }
    return copy;
  }

  private static void checkFormat(String name, GraphVertex vertex) {
    if (!(vertex instanceof LayerVertex layerVertex)) {
      return;
    }
    Layer layer = innermost(layerVertex.getLayerConf().getLayer());
    boolean channelsLast =
        (layer instanceof ConvolutionLayer convolution
                && convolution.getCnn2dDataFormat() == CNN2DFormat.NHWC)
            || (layer instanceof SubsamplingLayer pooling
                && pooling.getCnn2dDataFormat() == CNN2DFormat.NHWC)
            || (layer instanceof BatchNormalization norm
                && norm.getCnn2DFormat() == CNN2DFormat.NHWC);
    checkArgument(
        !channelsLast,
        "layer '%s' takes images as NHWC, energy models give them as NCHW: configure the network"
            + " with CNN2DFormat.NCHW",
        name);
  }

  private static Layer innermost(Layer layer) {
    Layer inner = layer;
    while (inner instanceof BaseWrapperLayer || inner instanceof FrozenLayer) {
      inner =
          inner instanceof BaseWrapperLayer wrapper
              ? wrapper.getUnderlying()
              : ((FrozenLayer) inner).getLayer();
    }
    return inner;
  }

  /**
   * A loss without activation may come after a layer that computes the softmax itself, as in
   * Deeplearning4j's Darknet19 and SqueezeNet. The logits are what goes into that softmax.
   */
  private static void removeSoftmaxBefore(String output, ComputationGraphConfiguration network) {
    String name = requireNonNull(network.getVertexInputs().get(output)).get(0);
    boolean direct = true;
    while (network.getVertices().get(name) instanceof LayerVertex vertex) {
      Layer layer = innermost(vertex.getLayerConf().getLayer());
      if (activation(layer).filter(ActivationSoftmax.class::isInstance).isPresent()) {
        checkSoftmax(name, output, direct, network);
        if (layer instanceof ActivationLayer alone) {
          alone.setActivationFn(new ActivationIdentity());
        } else {
          ((BaseLayer) layer).setActivationFn(new ActivationIdentity());
        }
        return;
      }
      boolean changesNothing =
          layer instanceof DropoutLayer
              || (layer instanceof ActivationLayer alone
                  && alone.getActivationFn() instanceof ActivationIdentity);
      if (layer instanceof FeedForwardLayer && !changesNothing) {
        return;
      }
      direct &= changesNothing;
      name = requireNonNull(network.getVertexInputs().get(name)).get(0);
    }
  }

  private static Optional<IActivation> activation(Layer layer) {
    if (layer instanceof ActivationLayer alone) {
      return Optional.of(alone.getActivationFn());
    }
    return layer instanceof BaseLayer base ? Optional.of(base.getActivationFn()) : Optional.empty();
  }

  private static void checkSoftmax(
      String softmax, String output, boolean direct, ComputationGraphConfiguration network) {
    long readers =
        network.getVertexInputs().values().stream().filter(in -> in.contains(softmax)).count();
    checkArgument(
        direct && readers == 1,
        "layer '%s' computes a softmax, and output '%s' gets something made of it: what goes into"
            + " '%s' cannot be told from its result. Let the network end in a layer of logits and"
            + " an output with softmax activation",
        softmax,
        output,
        output);
  }

  private static Layer withoutLoss(String name, Layer layer) {
    if (layer instanceof OutputLayer output && layer.getClass() == OutputLayer.class) {
      checkActivation(name, output.getActivationFn());
      DenseLayer dense =
          new DenseLayer.Builder()
              .name(name)
              .nIn(output.getNIn())
              .nOut(output.getNOut())
              .hasBias(output.hasBias())
              .activation(Activation.IDENTITY)
              .build();
      dense.setIDropout(output.getIDropout());
      return dense;
    }
    if (layer instanceof LossLayer loss) {
      checkActivation(name, loss.getActivationFn());
      return new ActivationLayer.Builder().name(name).activation(Activation.IDENTITY).build();
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "output '%s' must be an OutputLayer or LossLayer with softmax or identity activation,"
                + " is a %s",
            name,
            layer.getClass().getSimpleName()));
  }

  private static void checkActivation(String name, IActivation activation) {
    checkArgument(
        activation instanceof ActivationSoftmax || activation instanceof ActivationIdentity,
        "output '%s' must have softmax or identity activation, has %s",
        name,
        activation == null ? "none" : activation);
  }
}
