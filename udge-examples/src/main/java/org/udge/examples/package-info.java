/**
 * Command-line programs. {@link org.udge.examples.Main} is the runnable jar's; each command is a
 * main class of its own too:
 *
 * <ul>
 *   <li>{@link org.udge.examples.Quickstart}: a plain and a hybrid classifier on the built-in data;
 *   <li>{@link org.udge.examples.Train}: the paper's training;
 *   <li>{@link org.udge.examples.Eval}: classification, calibration, outsiders, samples;
 *   <li>{@link org.udge.examples.Attack}: accuracy against adversarial perturbations;
 *   <li>{@link org.udge.examples.Score}: images in, classes and scores out;
 *   <li>{@link org.udge.examples.Bench}: times one training step.
 * </ul>
 */
package org.udge.examples;
