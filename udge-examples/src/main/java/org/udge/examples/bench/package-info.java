/** The {@code bench} command: times one training step or analyzes a network pass. */
package org.udge.examples.bench;
