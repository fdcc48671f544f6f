/**
 * What a network sees in images, and what follows from it.
 *
 * <p>Which class to choose:
 *
 * <ul>
 *   <li>{@link org.udge.evaluation.features.NetworkFeatures} reads features off a model; another
 *       network is a {@link org.udge.evaluation.features.FeatureExtractor} of your own.
 *   <li>{@link org.udge.evaluation.features.FeatureStatistics} (Fréchet distance) and {@link
 *       org.udge.evaluation.features.NearestImages} judge generated images.
 *   <li>{@link org.udge.evaluation.features.Mahalanobis} and {@link
 *       org.udge.evaluation.features.NearestNeighbors} are out-of-distribution scores fitted on
 *       features of training images.
 * </ul>
 */
@CheckReturnValue
@NullMarked
package org.udge.evaluation.features;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
