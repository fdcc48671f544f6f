package org.udge.evaluation.features;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Converts images into feature vectors. {@link NetworkFeatures} uses those that a network computes.
 *
 * <p>Implementations must be thread-safe.
 */
public interface FeatureExtractor {

  /**
   * Returns a name for results that identifies the network and the layer.
   *
   * @return the name
   */
  String name();

  /**
   * Returns the number of features of an image.
   *
   * @return the number of features, at least 1
   */
  int size();

  /**
   * Computes the features of images.
   *
   * @param images float32, [N, C, H, W]
   * @return N new vectors
   */
  double[][] features(INDArray images);

  /**
   * Returns a string that distinguishes extractors with different features, so that saved features
   * are not mistaken for those of another network.
   *
   * @return by default the name; {@link NetworkFeatures} adds a hash of the parameters
   */
  default String fingerprint() {
    return name();
  }
}
