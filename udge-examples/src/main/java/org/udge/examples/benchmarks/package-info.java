/**
 * Micro-benchmarks on JMH, for whoever changes a hot path.
 *
 * <p>Run one from the runnable jar by part of its name, for example {@code java -cp
 * udge-examples/target/udge-examples.jar org.openjdk.jmh.Main Contrastive}. Whole training steps
 * are timed by the {@code bench} command.
 */
package org.udge.examples.benchmarks;
