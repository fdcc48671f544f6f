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
 * Activation normalization: y = scale (x + loc), both per channel. Takes and gives [N, C, H, W].
 *
 * <p>The first batch seen in training sets loc = -mean and scale = 1 / (deviation + 1e-6) per
 * channel (deviation with count - 1), so that its own output has mean 0 and variance 1. From then
 * on both are learned like other parameters. Whether that has happened is itself a parameter of one
 * number, {@value #INITIALIZED}, whose gradient is 0 and which no updater touches: it goes wherever
 * parameters go, into files, snapshots and back. (Kingma &amp; Dhariwal 2018, "Glow", section 3.1.)
 *
 * <p>Engines that do not run Deeplearning4j's layers call {@link #initialize} first.
 *
 * <p>See {@link ChannelNormalization} on thread-safety.
 */
public final class ActNormalization extends ChannelNormalization {

  /** Key of the offset, C numbers, at first 0. */
  public static final String LOC = "loc";

  /** Key of the scale, C numbers, at first 1. */
  public static final String SCALE = "scale";

  /** Key of the flag, one number: 0 until the first training batch, then 1. */
  public static final String INITIALIZED = "initialized";

  private static final long serialVersionUID = 1;

  private static final ParamInitializer PARAMETERS =
      new ChannelParameters(
          new Parameter(LOC, true, 0),
          new Parameter(SCALE, true, 1),
          new Parameter(INITIALIZED, false, 0));

  /** A layer that has yet to see its first batch. */
  public ActNormalization() {}

  /**
   * Whether every activation normalization of a graph has seen its first batch.
   *
   * @param graph an initialized graph
   * @return true also if it has none
   */
  public static boolean isInitialized(ComputationGraph graph) {
    return Arrays.stream(graph.getLayers())
        .filter(ActNormalizationLayer.class::isInstance)
        .allMatch(layer -> ((ActNormalizationLayer) layer).isInitialized());
  }

  /**
   * Shows a first batch to those activation normalizations of a graph that have seen none. Changes
   * the graph's parameters, but nothing if there is none of these. Dropout, where there is any, is
   * active with masks of a fixed seed; ND4J's generator is left as it was.
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
    // Not 0: ND4J takes that for a wish to be seeded by the clock.
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
