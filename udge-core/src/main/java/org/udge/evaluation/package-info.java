/**
 * Judges models.
 *
 * <p>Which class to choose:
 *
 * <ul>
 *   <li>{@link org.udge.evaluation.Evaluation} runs any number of {@linkplain
 *       org.udge.evaluation.Evaluator evaluators} over a set of images in one pass. {@link
 *       org.udge.evaluation.ClassificationEvaluator} is here; the others are in the packages below.
 *   <li>{@link org.udge.evaluation.LabeledLogits} holds logits of a whole set, for calibrations to
 *       be fitted on.
 *   <li>{@link org.udge.evaluation.Bootstrap} and {@link org.udge.evaluation.Summary} say how sure
 *       a number is.
 * </ul>
 *
 * <p>Packages below: {@code calibration} (are probabilities honest, and how to make them so),
 * {@code detection} (is an image of the training distribution), {@code robustness} (attacks),
 * {@code features} (what a network sees in images: Fréchet distance, nearest images, scores of
 * features).
 *
 * <p>An evaluator of your own implements {@link org.udge.evaluation.Evaluator} and {@link
 * org.udge.evaluation.Accumulator}.
 *
 * <p>Every result is immutable, prints a table that says which direction is better and of how many
 * images, and writes itself as JSON.
 */
@CheckReturnValue
@NullMarked
package org.udge.evaluation;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
