/**
 * Serving of models: {@link org.udge.serving.EnergyScorer} converts batches of images into classes,
 * probabilities and out-of-distribution decisions, on any number of threads.
 */
@CheckReturnValue
@NullMarked
package org.udge.serving;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
