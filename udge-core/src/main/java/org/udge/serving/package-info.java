/**
 * Models at work in a service: {@link org.udge.serving.EnergyScorer} turns batches of images into
 * classes, probabilities and in-or-out decisions, from any number of threads.
 */
@CheckReturnValue
@NullMarked
package org.udge.serving;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
