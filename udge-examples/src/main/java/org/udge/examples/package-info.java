/**
 * Command-line programs. {@link org.udge.examples.Main} is the runnable jar's; each command has a
 * package and is a main class of its own too:
 *
 * <ul>
 *   <li>{@link org.udge.examples.Quickstart}: a plain and a hybrid classifier on the built-in data;
 *   <li>{@link org.udge.examples.train.Train}: the paper's training;
 *   <li>{@link org.udge.examples.eval.Eval}: classification, calibration, out-of-distribution
 *       detection, samples;
 *   <li>{@link org.udge.examples.attack.Attack}: accuracy against adversarial perturbations;
 *   <li>{@link org.udge.examples.score.Score}: images in, classes and scores out;
 *   <li>{@link org.udge.examples.report.Report}: runs on a page, to look at and compare;
 *   <li>{@link org.udge.examples.export.Export}: a model's parameters for PyTorch and NumPy;
 *   <li>{@link org.udge.examples.bench.Bench}: times one training step.
 * </ul>
 *
 * <p>Commands do not know each other. They stand on {@code models} (models and images by name),
 * {@code plots} and {@code cli} (flags, errors, run folders, progress).
 */
package org.udge.examples;
