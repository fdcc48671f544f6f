package org.udge.network;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.udge.data.ImageShape;

/**
 * A graph configuration under construction. Methods add a vertex after a named one and return its
 * name.
 */
final class GraphDraft {

  static final String INPUT = "input";

  private static final double LEAK = 0.2;

  private final ComputationGraphConfiguration.GraphBuilder builder;

  GraphDraft(ImageShape shape, int classes) {
    checkArgument(classes >= 2, "classes must be at least 2, was %s", classes);
    builder =
        new NeuralNetConfiguration.Builder()
            .dataType(DataType.FLOAT)
            .updater(new Adam(1e-4))
            .graphBuilder()
            .addInputs(INPUT)
            .setInputTypes(
                InputType.convolutional(shape.height(), shape.width(), shape.channels()));
  }

  /** Adds a convolution with bias that preserves the size, apart from its stride. */
  String convolution(String name, String input, int channels, int kernel, int stride) {
    return layer(
        name,
        input,
        new ConvolutionLayer.Builder(kernel, kernel)
            .stride(stride, stride)
            .padding(kernel / 2, kernel / 2)
            .nOut(channels)
            .activation(Activation.IDENTITY)
            .build());
  }

  String leakyRectifier(String name, String input) {
    return layer(
        name, input, new ActivationLayer.Builder().activation(new ActivationLReLU(LEAK)).build());
  }

  /** Adds dropout of a fraction of the activations; adds nothing at rate 0. */
  String dropout(String name, String input, double rate) {
    // Deeplearning4j expects the probability of keeping an activation.
    return rate == 0 ? input : layer(name, input, new DropoutLayer.Builder(1 - rate).build());
  }

  String add(String name, String first, String second) {
    builder.addVertex(name, new ElementWiseVertex(ElementWiseVertex.Op.Add), first, second);
    return name;
  }

  /** Adds average pooling over 2 x 2 pixels, which halves height and width. */
  String halve(String name, String input) {
    return layer(
        name,
        input,
        new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG)
            .kernelSize(2, 2)
            .stride(2, 2)
            .build());
  }

  /** Adds a dense layer with bias; if the input is images, they are flattened. */
  String dense(String name, String input, int width) {
    return layer(
        name, input, new DenseLayer.Builder().nOut(width).activation(Activation.IDENTITY).build());
  }

  String averagePooling(String name, String input) {
    return layer(name, input, new GlobalPoolingLayer.Builder(PoolingType.AVG).build());
  }

  @CanIgnoreReturnValue
  String layer(String name, String input, Layer layer) {
    builder.addLayer(name, layer, input);
    return name;
  }

  /** Ends the graph with a dense layer followed by a softmax. */
  ComputationGraphConfiguration classify(String name, String input, int classes) {
    layer(
        name,
        input,
        new OutputLayer.Builder(LossFunction.MCXENT)
            .nOut(classes)
            .activation(Activation.SOFTMAX)
            .build());
    ComputationGraphConfiguration configuration = builder.setOutputs(name).build();
    for (GraphVertex vertex : configuration.getVertices().values()) {
      if (vertex instanceof LayerVertex layer) {
        settle(layer.getLayerConf());
      }
    }
    configuration.getDefaultConfiguration().setSeed(0);
    return configuration;
  }

  /**
   * Makes the configuration a function of its settings alone, unchanged by a round trip through
   * JSON.
   */
  private static void settle(NeuralNetConfiguration configuration) {
    // The default is the current time.
    configuration.setSeed(0);
    if (configuration.getLayer() instanceof BatchNormalization norm) {
      // Deeplearning4j determines from these, not from the setting, whether variances are
      // logarithms.
      norm.initializer().paramKeys(norm).forEach(configuration::addVariable);
    }
  }
}
