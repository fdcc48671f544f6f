package org.udge.evaluation.features;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Turns images into vectors that say what is in them. {@link NetworkFeatures} takes those a network
 * computes.
 *
 * <p>Implementations are thread-safe.
 */
public interface FeatureExtractor {

  /**
   * Returns a name for results: which network, which layer.
   *
   * @return the name
   */
  String name();

  /**
   * Returns the number of numbers describe an image.
   *
   * @return at least 1
   */
  int size();

  /**
   * Describes images.
   *
   * @param images float32, [N, C, H, W]
   * @return N new vectors
   */
  double[][] features(INDArray images);

  /**
   * Tells extractors apart that give other features, so that saved ones are not taken for another
   * network's.
   *
   * @return by default the name; {@link NetworkFeatures} adds a hash of the parameters
   */
  default String fingerprint() {
    return name();
  }
}
