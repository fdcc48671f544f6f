/**
 * Judges models.
 *
 * <p>Which class to choose:
 *
 * <ul>
 *   <li>{@link org.udge.evaluation.Evaluation} runs any number of {@linkplain
 *       org.udge.evaluation.Evaluators evaluators} over a set of images in one pass:
 *       classification, calibration, detection of images out of distribution, robustness.
 *   <li>{@link org.udge.evaluation.LabelledLogits} holds logits of a whole set; calibrations are
 *       fitted on it by {@link org.udge.evaluation.TemperatureScaling} or {@link
 *       org.udge.evaluation.VectorScaling} and shown by {@link
 *       org.udge.evaluation.CalibrationComparison}.
 *   <li>{@link org.udge.evaluation.OutOfDistributionScores} lists scores; {@link
 *       org.udge.evaluation.DetectionMetrics} judges numbers you have already, {@link
 *       org.udge.evaluation.Threshold} draws a line for serving.
 *   <li>{@link org.udge.evaluation.ProjectedGradient} attacks; {@link
 *       org.udge.evaluation.Refinement} says what the classifier does to images first.
 *   <li>{@link org.udge.evaluation.FeatureStatistics} and {@link org.udge.evaluation.NearestImages}
 *       judge generated images.
 *   <li>{@link org.udge.evaluation.Bootstrap} and {@link org.udge.evaluation.Summary} say how sure
 *       a number is.
 * </ul>
 *
 * <p>An evaluator of your own implements {@link org.udge.evaluation.Evaluator} and {@link
 * org.udge.evaluation.Accumulator}; a score of your own {@link
 * org.udge.evaluation.OutOfDistributionScore}.
 *
 * <p>Every result is immutable, prints a table that says which direction is better and of how many
 * images, and writes itself as JSON.
 */
package org.udge.evaluation;
