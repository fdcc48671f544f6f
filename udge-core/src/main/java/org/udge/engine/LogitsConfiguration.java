package org.udge.engine;

import static com.google.common.base.Preconditions.checkArgument;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;

/**
 * The part of a classifier that ends at its logits.
 *
 * <p>A Deeplearning4j classifier ends in an {@code OutputLayer} or {@code LossLayer} with softmax
 * or identity activation. Here that layer becomes a dense (or identity) layer with the same
 * parameters in the same places, so that a graph of this configuration can share the classifier's
 * flat parameter array and puts out logits. No methods with state; thread-safe.
 */
public final class LogitsConfiguration {

  private LogitsConfiguration() {}

  /**
   * Replaces the output layer.
   *
   * @param classifier a configuration with one input and one output; not changed
   * @return a copy that puts out logits
   * @throws IllegalArgumentException if the network has several inputs or outputs, or its output is
   *     not a softmax or identity output layer; the message names the layer
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
    ComputationGraphConfiguration copy = classifier.clone();
    String output = copy.getNetworkOutputs().get(0);
    GraphVertex vertex = copy.getVertices().get(output);
    checkArgument(
        vertex instanceof LayerVertex,
        "output '%s' must be a layer, is a %s",
        output,
        vertex.getClass().getSimpleName());
    LayerVertex layerVertex = (LayerVertex) vertex;
    NeuralNetConfiguration layerConfiguration = layerVertex.getLayerConf();
    layerConfiguration.setLayer(withoutLoss(output, layerConfiguration.getLayer()));
    return copy;
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
            "output '%s' must be an OutputLayer or LossLayer with softmax or identity activation,"
                + " is a %s",
            name, layer.getClass().getSimpleName()));
  }

  private static void checkActivation(String name, IActivation activation) {
    checkArgument(
        activation instanceof ActivationSoftmax || activation instanceof ActivationIdentity,
        "output '%s' must have softmax or identity activation, has %s",
        name,
        activation == null ? "none" : activation);
  }
}
