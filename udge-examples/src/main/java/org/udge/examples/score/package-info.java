/** The {@code score} command: computes classes and scores of images. */
package org.udge.examples.score;
