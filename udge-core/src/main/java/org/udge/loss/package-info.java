/**
 * The losses that training minimizes: terms that are functions of logits.
 *
 * <p>A {@link org.udge.loss.LossTerm} is a setting, immutable and reusable; {@linkplain
 * org.udge.loss.LossTerm#begin begun}, it becomes a {@link org.udge.loss.LossFunction} that may
 * have a memory (a queue of negatives, a replay buffer) for one run of training. Every function
 * returns its value, its named metrics and its gradient with respect to the logits; one forward and
 * one backward pass through the network serve all terms.
 *
 * <p>Which term to choose:
 *
 * <ul>
 *   <li>{@link org.udge.loss.CrossEntropy}, -log p(y|x), for the class;
 *   <li>{@link org.udge.loss.ConditionalContrastive}, -log p(x|y), in addition, for calibration and
 *       out-of-distribution detection, at almost no cost;
 *   <li>{@link org.udge.loss.MarginalContrastive}, -log p(x), for unlabeled images;
 *   <li>{@link org.udge.loss.MarginalSGLD} and {@link org.udge.loss.ConditionalSGLD}, the same
 *       quantities by maximum likelihood with samples of the model, for when samples are wanted
 *       too: ten times the cost, and training can diverge;
 *   <li>{@link org.udge.loss.EnergyDiscrepancy}, -log p(x) without sampling, using noised copies;
 *   <li>{@link org.udge.loss.RegMixup}, the cross entropy of mixed images, in addition to the
 *       standard one, for accuracy and calibration;
 *   <li>{@link org.udge.loss.EnergyMargin}, to fine-tune a trained model with out-of-distribution
 *       images.
 * </ul>
 *
 * <p>Terms return unweighted values in nats, averaged over the images of a step, to be minimized;
 * the objective weights them. Contrastive terms compare images with a queue of earlier ones, which
 * terms of the same run share if their {@link org.udge.loss.NegativeQueueSettings} are equal.
 */
@CheckReturnValue
@NullMarked
package org.udge.loss;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
