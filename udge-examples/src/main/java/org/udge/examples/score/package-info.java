/** The {@code score} command: images in, classes and scores out. */
package org.udge.examples.score;
