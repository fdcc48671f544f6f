/**
 * Judges models.
 *
 * <p>{@link org.udge.evaluation.Evaluation} runs any number of {@link
 * org.udge.evaluation.Evaluator}s over a set of images in one pass; {@link
 * org.udge.evaluation.Evaluators} lists them. To judge logits you have already, use {@link
 * org.udge.evaluation.LabelledLogits#evaluate} or an {@link org.udge.evaluation.Accumulator}.
 */
package org.udge.evaluation;
