package org.udge.network;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/**
 * The initialization of the weights and biases of convolution and dense layers.
 *
 * <p>Layers without random parameters (normalizations) are initialized to their constants. Every
 * layer has its own random stream, named after the layer: adding or removing a layer never changes
 * the parameters of the others.
 */
public enum Initialization {

  /**
   * Weights and biases uniform in [-1/sqrt(n), 1/sqrt(n)), where n is the number of inputs of one
   * output. This is PyTorch's default, and therefore that of the published program.
   */
  PYTORCH_DEFAULT {
    @Override
    void fillWeights(float[] values, int fanIn, RandomStream random) {
      double bound = 1 / Math.sqrt(fanIn);
      random.fillUniform(values, -bound, bound);
    }

    @Override
    void fillBiases(float[] values, int fanIn, RandomStream random) {
      fillWeights(values, fanIn, random);
    }
  },

  /**
   * Weights from N(0, 2/n), where n is the number of inputs of one output; biases 0. (He et al.
   * 2015, "Delving deep into rectifiers", equation 10.)
   */
  HE {
    @Override
    void fillWeights(float[] values, int fanIn, RandomStream random) {
      random.addGaussian(values, Math.sqrt(2.0 / fanIn));
    }

    @Override
    void fillBiases(float[] values, int fanIn, RandomStream random) {}
  };

  private static final Set<Class<?>> KNOWN_LAYERS =
      Set.of(ConvolutionLayer.class, DenseLayer.class, OutputLayer.class);

  /** Fills an array of zeros with weights. */
  abstract void fillWeights(float[] values, int fanIn, RandomStream random);

  /** Fills an array of zeros with biases. */
  abstract void fillBiases(float[] values, int fanIn, RandomStream random);

  /**
   * Creates a graph and draws its parameters. Preserves the state of ND4J's generator.
   *
   * @param configuration the network; the graph takes ownership of it
   * @param streams the source of all randomness; equal streams give equal parameters
   * @return a new, initialized graph
   * @throws IllegalArgumentException if a layer with weights is neither a convolution nor dense
   */
  public ComputationGraph initialize(
      ComputationGraphConfiguration configuration, RandomStreams streams) {
    ComputationGraph graph = new ComputationGraph(configuration);
    // Given an array, Deeplearning4j neither draws parameters nor reseeds the global generator.
    graph.init(Nd4j.create(configuration.getDataType(), 1, parameterCount(configuration)), false);
    for (GraphVertex vertex : graph.getVertices()) {
      if (vertex.numParams() > 0) {
        checkArgument(
            vertex.hasLayer(),
            "vertex '%s' has parameters but is no layer: %s cannot draw them",
            vertex.getVertexName(),
            this);
        fill(vertex, streams.child("initialization").stream(vertex.getVertexName()));
      }
    }
    return graph;
  }

  private static long parameterCount(ComputationGraphConfiguration configuration) {
    return configuration.getVertices().values().stream().mapToLong(v -> v.numParams(true)).sum();
  }

  private void fill(GraphVertex vertex, RandomStream random) {
    Layer layer = vertex.getLayer();
    org.deeplearning4j.nn.conf.layers.Layer settings = layer.conf().getLayer();
    ParamInitializer initializer = settings.initializer();
    if (initializer.weightKeys(settings).isEmpty()) {
      initializer.init(layer.conf(), layer.params(), true);
      return;
    }
    checkArgument(
        KNOWN_LAYERS.contains(settings.getClass()),
        "layer '%s' is a %s, whose parameters %s cannot draw: implement Architecture.initialize",
        vertex.getVertexName(),
        settings.getClass().getSimpleName(),
        this);
    INDArray weights = layer.getParam("W");
    // Convolutions are [out, in, height, width], dense layers [in, out].
    int fanIn = Math.toIntExact(weights.length() / weights.size(weights.rank() == 2 ? 1 : 0));
    float[] values = new float[Math.toIntExact(weights.length())];
    fillWeights(values, fanIn, random);
    assign(weights, values);
    for (String key : initializer.biasKeys(settings)) {
      INDArray biases = layer.getParam(key);
      values = new float[Math.toIntExact(biases.length())];
      fillBiases(values, fanIn, random);
      assign(biases, values);
    }
  }

  private static void assign(INDArray parameters, float[] values) {
    parameters.assign(
        Nd4j.createFromArray(values).castTo(parameters.dataType()).reshape(parameters.shape()));
  }
}
