/**
 * Draws images from a classifier read as an energy-based model.
 *
 * <p>{@link org.udge.sampling.ImageSampler} is all that most need: samples in one line. Underneath,
 * {@link org.udge.sampling.LangevinSampler} moves a batch of images ("chains") downhill in energy
 * with noise, as its {@link org.udge.sampling.Langevin} settings say; {@link
 * org.udge.sampling.EnergyGradient} says which energy. {@link org.udge.sampling.ReplayBuffer} keeps
 * chains from one training step to the next; {@link org.udge.sampling.InitialDistribution} is where
 * new chains start: {@link org.udge.sampling.UniformImages} as in JEM, or the more informative
 * {@link org.udge.sampling.ClassConditionalGaussian} of JEM++, which needs fewer steps.
 */
@CheckReturnValue
@NullMarked
package org.udge.sampling;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
