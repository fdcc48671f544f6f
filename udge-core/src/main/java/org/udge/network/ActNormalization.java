package org.udge.network;

import java.util.Arrays;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.udge.network.ChannelParameters.Parameter;

/**
 * Activation normalization: y = scale (x + loc), both per channel. Input and output are [N, C, H,
 * W].
 *
 * <p>The first batch seen in training sets loc = -mean and scale = 1 / (deviation + 1e-6) per
 * channel (deviation computed with count - 1), so that the output for that batch has mean 0 and
 * variance 1. From then on, both are learned like other parameters. A one-element parameter,
 * {@value #INITIALIZED}, records whether this initialization has taken place. Its gradient is 0 and
 * no updater modifies it; as a parameter, it is saved and restored together with the others, in
 * files and snapshots. (Kingma &amp; Dhariwal 2018, "Glow", section 3.1.)
 *
 * <p>Engines that do not run Deeplearning4j's layers must call {@link #initialize} first.
 *
 * <p>For thread-safety, see {@link ChannelNormalization}.
 */
public final class ActNormalization extends ChannelNormalization {

  /** The key of the offset, C numbers, initially 0. */
  public static final String LOC = "loc";

  /** The key of the scale, C numbers, initially 1. */
  public static final String SCALE = "scale";

  /** The key of the flag, one number: 0 until the first training batch, then 1. */
  public static final String INITIALIZED = "initialized";

  private static final long serialVersionUID = 1;

  private static final ParamInitializer PARAMETERS =
      new ChannelParameters(
          new Parameter(LOC, true, 0),
          new Parameter(SCALE, true, 1),
          new Parameter(INITIALIZED, false, 0));

  /** Creates a layer that has not yet seen its first batch. */
  public ActNormalization() {}

  /**
   * Returns whether every activation normalization of a graph has seen its first batch.
   *
   * @param graph an initialized graph
   * @return true if all have; also true if the graph has none
   */
  public static boolean isInitialized(ComputationGraph graph) {
    return Arrays.stream(graph.getLayers())
        .filter(ActNormalizationLayer.class::isInstance)
        .allMatch(layer -> ((ActNormalizationLayer) layer).isInitialized());
  }

  /**
   * Initializes those activation normalizations of a graph that have not yet seen a batch. Modifies
   * the graph's parameters; does nothing if there are no such layers. Dropout, if present, is
   * active, with masks from a fixed seed; the state of ND4J's generator is preserved.
   *
   * @param graph an initialized graph
   * @param images [N, C, H, W], as in training
   */
  public static void initialize(ComputationGraph graph, INDArray images) {
    if (isInitialized(graph)) {
      return;
    }
    Random random = Nd4j.getRandom();
    long rootState = random.rootState();
    long nodeState = random.nodeState();
    // Not 0: ND4J interprets 0 as a request to seed from the clock.
    random.setSeed(1);
    try {
      graph.feedForward(new INDArray[] {images}, true, true);
    } finally {
      random.setStates(rootState, nodeState);
    }
  }

  @Override
  public ParamInitializer initializer() {
    return PARAMETERS;
  }

  @Override
  public IUpdater getUpdaterByParam(String name) {
    return name.equals(INITIALIZED) ? new NoOp() : getIUpdater();
  }

  @Override
  org.deeplearning4j.nn.layers.BaseLayer<?> layer(
      NeuralNetConfiguration configuration, DataType type) {
    return new ActNormalizationLayer(configuration, type);
  }
}
