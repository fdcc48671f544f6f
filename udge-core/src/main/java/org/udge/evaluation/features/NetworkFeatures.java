package org.udge.evaluation.features;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.common.hash.Hashing;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.udge.EnergyModel;
import org.udge.engine.Engine;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.engine.Logits;
import org.udge.engine.LogitsConfiguration;
import org.udge.engine.Mode;

/**
 * The input of a classifier's output layer ("penultimate features").
 *
 * <p>Features are computed by a copy of the network whose output layer is the identity, so that any
 * engine computes them as fast as logits. The copy is made on creation: later changes of the
 * model's parameters have no effect.
 *
 * <p>Thread-safe. Close it to release the copy's engine.
 */
public final class NetworkFeatures implements FeatureExtractor, AutoCloseable {

  private final String name;
  private final EnergyModel network;
  private final Mode mode;
  private final LinearHead head;

  private NetworkFeatures(String name, EnergyModel network, Mode mode, LinearHead head) {
    this.name = name;
    this.head = head;
    this.network = network;
    this.mode = mode;
  }

  /**
   * Returns an extractor of a model's features, with the same kind of engine and in the same mode.
   *
   * @param model the model; the caller keeps ownership
   * @return the extractor
   * @throws IllegalArgumentException if the network does not end in an output layer with weights
   */
  public static NetworkFeatures of(EnergyModel model) {
    ComputationGraph graph = model.graph();
    ComputationGraphConfiguration configuration =
        LogitsConfiguration.copyOf(graph.getConfiguration());
    String output = configuration.getNetworkOutputs().get(0);
    GraphVertex vertex = configuration.getVertices().get(output);
    checkArgument(
        vertex instanceof LayerVertex layer
            && layer.getLayerConf().getLayer().getClass() == OutputLayer.class,
        "features are what goes into an OutputLayer, but output '%s' is not one",
        output);
    OutputLayer classifier = (OutputLayer) ((LayerVertex) vertex).getLayerConf().getLayer();
    int size = Math.toIntExact(classifier.getNIn());
    ((LayerVertex) vertex).getLayerConf().setLayer(identity(output, size));
    ComputationGraph copy = new ComputationGraph(configuration);
    long parameters =
        configuration.getVertices().values().stream().mapToLong(v -> v.numParams(true)).sum();
    // With parameters given, Deeplearning4j draws none from the caller's generator.
    copy.init(Nd4j.zeros(DataType.FLOAT, 1, parameters), false);
    copy.getLayer(output).getParam(DefaultParamInitializer.WEIGHT_KEY).assign(Nd4j.eye(size));
    copyParameters(graph, copy, output);
    String name = "penultimate features of " + graph.getConfiguration().getVertices().size();
    return new NetworkFeatures(
        name + " vertices, " + size + " numbers",
        network(copy, model),
        model.mode(),
        head(graph, output));
  }

  private static LinearHead head(ComputationGraph graph, String output) {
    Layer classifier = graph.getLayer(output);
    INDArray weights = classifier.getParam(DefaultParamInitializer.WEIGHT_KEY);
    INDArray bias = classifier.getParam(DefaultParamInitializer.BIAS_KEY);
    return LinearHead.of(
        weights.transpose().dup('c').toDoubleMatrix(),
        bias == null
            ? new double[(int) weights.size(1)]
            : bias.reshape(weights.size(1)).toDoubleVector());
  }

  /**
   * Returns the layer that computes logits from these features, as it was when this extractor was
   * created.
   *
   * @return the head
   */
  public LinearHead head() {
    return head;
  }

  /**
   * Returns the name, and the first half of the SHA-256 hash of the parameters that the features
   * depend on.
   *
   * @return for example {@code penultimate features of 33 vertices, 64 numbers, 5f0c...}
   */
  @Override
  public String fingerprint() {
    byte[] bytes = network.graph().params().castTo(DataType.FLOAT).dup('c').data().asBytes();
    return name + ", " + Hashing.sha256().hashBytes(bytes).toString().substring(0, 32);
  }

  private static EnergyModel network(ComputationGraph copy, EnergyModel model) {
    Engine engine = model.engine();
    return EnergyModel.builder(copy)
        .engine(
            EngineSettings.of(
                    engine.name().equals("graph") ? EngineChoice.GRAPH : EngineChoice.AUTO)
                .withPrecision(engine.precision())
                .withThreads(engine.threads()))
        .build();
  }

  private static OutputLayer identity(String name, int size) {
    OutputLayer layer =
        new OutputLayer.Builder(LossFunction.MSE)
            .name(name)
            .nIn(size)
            .nOut(size)
            .activation(Activation.IDENTITY)
            .build();
    layer.setIUpdater(new NoOp());
    layer.setBiasUpdater(new NoOp());
    return layer;
  }

  private static void copyParameters(ComputationGraph from, ComputationGraph to, String output) {
    for (Layer layer : from.getLayers()) {
      String layerName = layer.conf().getLayer().getLayerName();
      if (!layerName.equals(output) && layer.numParams() > 0) {
        to.getLayer(layerName).setParams(layer.params());
      }
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return network.classCount();
  }

  @Override
  public double[][] features(INDArray images) {
    Logits features = network.inMode(mode).logits(images);
    double[][] rows = new double[features.rows()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = features.row(i);
    }
    return rows;
  }

  @Override
  public void close() {
    network.close();
  }
}
