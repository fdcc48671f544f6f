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
import org.deeplearning4j.nn.conf.graph.MergeVertex;
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
import org.udge.network.ChannelNormalization;

/**
 * The configuration of a classifier up to its logits.
 *
 * <p>A Deeplearning4j classifier ends in an {@code OutputLayer} or {@code LossLayer} with softmax
 * or identity activation. A loss without activation may follow a layer that computes the softmax;
 * the logits are then the input of that softmax. This class replaces the last layer with a dense
 * (or identity) layer that has the same parameters in the same places, so that a graph of the new
 * configuration can share the classifier's flat parameter array and outputs logits. Stateless and
 * thread-safe.
 */
public final class LogitsConfiguration {

  private LogitsConfiguration() {}

  /**
   * Returns a copy of a classifier's configuration in which the output layer is replaced.
   *
   * @param classifier a configuration with one input and one output; not modified
   * @return a copy whose output is the logits
   * @throws IllegalArgumentException if the network has several inputs or outputs, its output is
   *     not a softmax or identity output layer, its parameters are not float32, or some of its
   *     layers expect images as NHWC and others as NCHW; the message names the layer and suggests a
   *     correction
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
    CNN2DFormat unused = imageFormat(classifier);
    ComputationGraphConfiguration copy = copyOf(classifier);
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

  /**
   * Returns a deep copy. Unlike Deeplearning4j's own copy, it preserves the axes of merge vertices.
   *
   * @param network a configuration; not modified
   * @return a copy, which may be modified
   */
  public static ComputationGraphConfiguration copyOf(ComputationGraphConfiguration network) {
    ComputationGraphConfiguration copy = network.clone();
    network
        .getVertices()
        .forEach(
            (name, vertex) -> {
              if (vertex instanceof MergeVertex merge
                  && copy.getVertices().get(name) instanceof MergeVertex own) {
                own.setMergeAxis(merge.getMergeAxis());
              }
            });
    return copy;
  }

  /**
   * Returns the image format that the layers of a network expect. Engines accept images as NCHW
   * regardless of this format.
   *
   * @param network a configuration; not modified
   * @return NHWC if its convolutions, or in their absence its pooling layers, are configured for
   *     it; otherwise NCHW
   * @throws IllegalArgumentException if some layers expect one format and some the other, or if
   *     layers of this library, which support only NCHW, occur in an NHWC network; the message
   *     names them
   */
  public static CNN2DFormat imageFormat(ComputationGraphConfiguration network) {
    String first = "";
    CNN2DFormat found = CNN2DFormat.NCHW;
    for (String name : network.getVertices().keySet()) {
      Optional<CNN2DFormat> own = format(network.getVertices().get(name));
      if (own.isPresent() && first.isEmpty()) {
        first = name;
        found = own.get();
      }
      checkArgument(
          own.isEmpty() || own.get() == found,
          "layer '%s' takes images as %s and layer '%s' as %s: configure all layers with the same"
              + " CNN2DFormat",
          first,
          found,
          name,
          own.orElse(found));
    }
    return found;
  }

  /** Batch normalization reports NCHW for feature vectors too, so its format is not informative. */
  private static Optional<CNN2DFormat> format(GraphVertex vertex) {
    if (!(vertex instanceof LayerVertex layerVertex)) {
      return Optional.empty();
    }
    Layer layer = innermost(layerVertex.getLayerConf().getLayer());
    if (layer instanceof ConvolutionLayer convolution) {
      return Optional.of(convolution.getCnn2dDataFormat());
    }
    if (layer instanceof SubsamplingLayer pooling) {
      return Optional.of(pooling.getCnn2dDataFormat());
    }
    boolean channelsLast =
        layer instanceof BatchNormalization norm && norm.getCnn2DFormat() == CNN2DFormat.NHWC;
    if (channelsLast) {
      return Optional.of(CNN2DFormat.NHWC);
    }
    return layer instanceof ChannelNormalization ? Optional.of(CNN2DFormat.NCHW) : Optional.empty();
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
   * Removes a softmax that precedes the output. A loss without activation may follow a layer that
   * computes the softmax itself, as in Deeplearning4j's Darknet19 and SqueezeNet; the logits are
   * the input of that softmax.
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
