/**
 * Command-line programs. {@link org.udge.examples.Main} is the runnable jar's; each command is a
 * main class of its own too:
 *
 * <ul>
 *   <li>{@link org.udge.examples.Train}: the paper's training;
 *   <li>{@link org.udge.examples.Bench}: times one training step.
 * </ul>
 */
package org.udge.examples;
