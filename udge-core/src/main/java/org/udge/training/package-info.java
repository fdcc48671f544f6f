/**
 * Trains energy models.
 *
 * <p>A {@link org.udge.training.Trainer} is a set of settings: an {@link
 * org.udge.training.Objective} of weighted loss terms, an {@link org.udge.training.Optimizer}, a
 * {@link org.udge.training.LearningRate} schedule, averaged weights ({@link
 * org.udge.training.WeightAveraging}) if wanted, epochs, validation, listeners. {@link
 * org.udge.training.Trainer#fit} runs it; for loops of your own, {@linkplain
 * org.udge.training.Trainer#begin begin} a {@link org.udge.training.TrainingSession} and call
 * {@code step(batch)}. {@link org.udge.training.Checkpoints} keeps states and models while training
 * goes on; {@link org.udge.training.RunState} reads the states.
 */
@CheckReturnValue
@NullMarked
package org.udge.training;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
