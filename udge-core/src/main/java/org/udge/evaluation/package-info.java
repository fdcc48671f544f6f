/**
 * Evaluation of models.
 *
 * <p>Which class to choose:
 *
 * <ul>
 *   <li>{@link org.udge.evaluation.Evaluation} runs any number of {@linkplain
 *       org.udge.evaluation.Evaluator evaluators} over a set of images in one pass. {@link
 *       org.udge.evaluation.ClassificationEvaluator} is here; the others are in the subpackages.
 *   <li>{@link org.udge.evaluation.LabeledLogits} holds the logits of a whole set, on which
 *       calibrations are fitted.
 *   <li>{@link org.udge.evaluation.Bootstrap} and {@link org.udge.evaluation.Summary} quantify the
 *       uncertainty of a number.
 * </ul>
 *
 * <p>Subpackages: {@code calibration} (measuring and improving the calibration of probabilities),
 * {@code detection} (out-of-distribution detection), {@code robustness} (attacks), {@code features}
 * (methods based on a network's features: Fréchet distance, nearest images, out-of-distribution
 * scores).
 *
 * <p>A custom evaluator implements {@link org.udge.evaluation.Evaluator} and {@link
 * org.udge.evaluation.Accumulator}.
 *
 * <p>Every result is immutable, prints a table that states the number of images and the direction
 * in which metrics improve, and can be converted to JSON.
 */
@CheckReturnValue
@NullMarked
package org.udge.evaluation;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
