/**
 * Command-line programs. {@link org.udge.examples.Main} is the main class of the runnable jar; each
 * command has a package and is also a main class of its own:
 *
 * <ul>
 *   <li>{@link org.udge.examples.Quickstart}: a plain and a hybrid classifier on the built-in data;
 *   <li>{@link org.udge.examples.train.Train}: the paper's training;
 *   <li>{@link org.udge.examples.eval.Eval}: classification, calibration, out-of-distribution
 *       detection, samples;
 *   <li>{@link org.udge.examples.attack.Attack}: accuracy against adversarial perturbations;
 *   <li>{@link org.udge.examples.score.Score}: computes classes and scores of images;
 *   <li>{@link org.udge.examples.report.Report}: shows and compares runs on a page;
 *   <li>{@link org.udge.examples.export.Export}: writes a model's parameters for PyTorch and NumPy;
 *   <li>{@link org.udge.examples.bench.Bench}: times one training step.
 * </ul>
 *
 * <p>Commands do not depend on each other. They build on {@code models} (models and images by
 * name), {@code plots} and {@code cli} (flags, errors, run folders, progress).
 */
package org.udge.examples;
