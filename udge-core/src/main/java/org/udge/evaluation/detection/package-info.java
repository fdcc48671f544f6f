/**
 * Out-of-distribution detection: separating images of the training distribution from others.
 *
 * <p>Which class to choose:
 *
 * <ul>
 *   <li>{@link org.udge.evaluation.detection.OutOfDistributionScores} lists scores that need only a
 *       model; scores that are fitted on features of training images are in {@code
 *       org.udge.evaluation.features}. A custom score implements {@link
 *       org.udge.evaluation.detection.OutOfDistributionScore}.
 *   <li>{@link org.udge.evaluation.detection.OutOfDistributionEvaluator} evaluates how well scores
 *       detect out-of-distribution sets; {@link org.udge.evaluation.detection.DetectionMetrics}
 *       computes metrics of scores that are already available.
 *   <li>{@link org.udge.evaluation.detection.OutOfDistributionScore#threshold} computes a threshold
 *       for serving, an {@link org.udge.Threshold}.
 * </ul>
 */
@CheckReturnValue
@NullMarked
package org.udge.evaluation.detection;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
