/**
 * Micro-benchmarks on JMH, for whoever changes a hot path; docs/contributing.md says how to run
 * them. They are among the tests because JMH, under the GPL, is no part of the runnable jar. Whole
 * training steps are timed by the {@code bench} command.
 */
package org.udge.examples.benchmarks;
