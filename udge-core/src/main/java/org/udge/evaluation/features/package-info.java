/**
 * Methods based on the features that a network computes from images.
 *
 * <p>Which class to choose:
 *
 * <ul>
 *   <li>{@link org.udge.evaluation.features.NetworkFeatures} computes features with a model;
 *       implement {@link org.udge.evaluation.features.FeatureExtractor} for another network.
 *   <li>{@link org.udge.evaluation.features.FeatureStatistics} (Fréchet distance) and {@link
 *       org.udge.evaluation.features.NearestImages} evaluate generated images.
 *   <li>Out-of-distribution scores that are fitted on {@link
 *       org.udge.evaluation.features.TrainingFeatures}, which can be saved for a service. Based on
 *       distances: {@link org.udge.evaluation.features.NearestNeighbors} (the first to try), {@link
 *       org.udge.evaluation.features.Mahalanobis}, {@link
 *       org.udge.evaluation.features.RelativeMahalanobis}, {@link
 *       org.udge.evaluation.features.Relation}. With the {@link
 *       org.udge.evaluation.features.LinearHead last layer}: {@link
 *       org.udge.evaluation.features.DecisionBoundaryDistance} and {@link
 *       org.udge.evaluation.features.NeuralCollapse}, which store only a mean, and {@link
 *       org.udge.evaluation.features.VirtualLogit}.
 * </ul>
 */
@CheckReturnValue
@NullMarked
package org.udge.evaluation.features;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
