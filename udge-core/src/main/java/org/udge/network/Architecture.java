package org.udge.network;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.udge.data.ImageShape;
import org.udge.random.RandomStreams;

/**
 * A recipe for a classifier: given the images' shape and the number of classes, a network.
 *
 * <p>The network has one input, [N, channels, height, width], and one output layer whose values
 * before its activation are the logits. Implementations are immutable and thread-safe.
 */
public interface Architecture {

  /**
   * A short name for tables and results, for example {@code WideResNet-28-10}.
   *
   * @return the name
   */
  String name();

  /**
   * Configures the network.
   *
   * <p>Must not call {@code NeuralNetConfiguration.Builder.seed}, which reseeds the caller's ND4J
   * generator.
   *
   * @param shape the shape of every image
   * @param classes number of classes, at least 2
   * @return a new configuration
   * @throws IllegalArgumentException if images of this shape do not fit, or classes is below 2
   */
  ComputationGraphConfiguration configuration(ImageShape shape, int classes);

  /**
   * Makes the network with fresh parameters.
   *
   * <p>This default draws them as {@link Initialization#PYTORCH_DEFAULT} says, and leaves ND4J's
   * generator as it was.
   *
   * @param shape the shape of every image
   * @param classes number of classes, at least 2
   * @param streams where all randomness comes from: same streams, same parameters
   * @return a new, initialized graph
   * @throws IllegalArgumentException if images of this shape do not fit, classes is below 2, or
   *     there is a layer whose parameters this does not know how to draw
   */
  default ComputationGraph initialize(ImageShape shape, int classes, RandomStreams streams) {
    return Initialization.PYTORCH_DEFAULT.initialize(configuration(shape, classes), streams);
  }
}
