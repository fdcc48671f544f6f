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
 *   <li>Out-of-distribution scores that are fitted on {@link
 *       org.udge.evaluation.features.TrainingFeatures}, which are saved for a service. By
 *       distances: {@link org.udge.evaluation.features.NearestNeighbors} (the first to try), {@link
 *       org.udge.evaluation.features.Mahalanobis}, {@link
 *       org.udge.evaluation.features.RelativeMahalanobis}, {@link
 *       org.udge.evaluation.features.Relation}. With the {@link
 *       org.udge.evaluation.features.LinearHead last layer}: {@link
 *       org.udge.evaluation.features.DecisionBoundaryDistance} and {@link
 *       org.udge.evaluation.features.NeuralCollapse}, which keep no more than a mean, and {@link
 *       org.udge.evaluation.features.VirtualLogit}.
 * </ul>
 */
@CheckReturnValue
@NullMarked
package org.udge.evaluation.features;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
