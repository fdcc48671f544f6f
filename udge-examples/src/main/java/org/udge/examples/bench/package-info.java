/** The {@code bench} command: times one training step or looks into a network pass. */
package org.udge.examples.bench;
