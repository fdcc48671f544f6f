/** The {@code train} command: the paper's training. */
package org.udge.examples.train;
