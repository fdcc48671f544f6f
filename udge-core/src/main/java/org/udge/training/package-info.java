/**
 * Training of energy models.
 *
 * <p>A {@link org.udge.training.Trainer} is defined by settings: an {@link
 * org.udge.training.Objective} of weighted loss terms, an {@link org.udge.training.Optimizer}, a
 * {@link org.udge.training.LearningRate} schedule, optionally averaged weights ({@link
 * org.udge.training.WeightAveraging}), epochs, validation, listeners. {@link
 * org.udge.training.Trainer#fit} runs it; for custom loops, {@linkplain
 * org.udge.training.Trainer#begin begin} a {@link org.udge.training.TrainingSession} and call
 * {@code step(batch)}. {@link org.udge.training.Checkpoints} saves states and models during
 * training; {@link org.udge.training.RunState} reads the states.
 */
@CheckReturnValue
@NullMarked
package org.udge.training;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
