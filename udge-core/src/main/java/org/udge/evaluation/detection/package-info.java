/**
 * Telling images of the training distribution from others.
 *
 * <p>Which class to choose:
 *
 * <ul>
 *   <li>{@link org.udge.evaluation.detection.OutOfDistributionScores} lists scores that need a
 *       model alone; scores that are fitted on features of training images are in {@code
 *       org.udge.evaluation.features}. A score of your own implements {@link
 *       org.udge.evaluation.detection.OutOfDistributionScore}.
 *   <li>{@link org.udge.evaluation.detection.OutOfDistributionEvaluator} says how well scores
 *       detect foreign sets; {@link org.udge.evaluation.detection.DetectionMetrics} judges numbers
 *       you have already.
 *   <li>{@link org.udge.evaluation.detection.OutOfDistributionScore#threshold} draws a line for
 *       serving, an {@link org.udge.Threshold}.
 * </ul>
 */
package org.udge.evaluation.detection;
