/**
 * What training minimises: terms that are functions of logits.
 *
 * <p>A {@link org.udge.loss.LossTerm} is a setting, immutable and reusable; {@linkplain
 * org.udge.loss.LossTerm#begin begun}, it becomes a {@link org.udge.loss.LossFunction} that may
 * remember things (a queue of negatives, a replay buffer) for one run of training. Every function
 * returns its value, its named metrics and its gradient with respect to the logits; one forward and
 * one backward pass through the network serve all terms.
 */
package org.udge.loss;
