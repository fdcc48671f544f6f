package org.udge.network;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.udge.data.ImageShape;
import org.udge.random.RandomStreams;

/**
 * A classifier architecture, which creates a network for a given image shape and number of classes.
 *
 * <p>The network has one input, [N, channels, height, width], and one output layer whose values
 * before its activation are the logits. Implementations are immutable and thread-safe.
 */
public interface Architecture {

  /**
   * Returns a short name for tables and results, for example {@code WideResNet-28-10}.
   *
   * @return the name
   */
  String name();

  /**
   * Returns the configuration of the network.
   *
   * <p>Implementations must not call {@code NeuralNetConfiguration.Builder.seed}, which reseeds the
   * caller's ND4J generator.
   *
   * @param shape the shape of every image
   * @param classes the number of classes, at least 2
   * @return a new configuration
   * @throws IllegalArgumentException if the network does not support images of this shape, or
   *     classes is below 2
   */
  ComputationGraphConfiguration configuration(ImageShape shape, int classes);

  /**
   * Creates the network with newly initialized parameters.
   *
   * <p>The default implementation draws them according to {@link Initialization#PYTORCH_DEFAULT}
   * and preserves the state of ND4J's generator.
   *
   * @param shape the shape of every image
   * @param classes the number of classes, at least 2
   * @param streams the source of all randomness; equal streams give equal parameters
   * @return a new, initialized graph
   * @throws IllegalArgumentException if the network does not support images of this shape, classes
   *     is below 2, or the network has a layer whose parameters this method cannot initialize
   */
  default ComputationGraph initialize(ImageShape shape, int classes, RandomStreams streams) {
    return Initialization.PYTORCH_DEFAULT.initialize(configuration(shape, classes), streams);
  }
}
