/**
 * Sampling of images from a classifier interpreted as an energy-based model.
 *
 * <p>{@link org.udge.sampling.ImageSampler} covers most needs in one line. Underneath, {@link
 * org.udge.sampling.LangevinSampler} moves a batch of images ("chains") down the energy gradient
 * with noise, according to its {@link org.udge.sampling.Langevin} settings; {@link
 * org.udge.sampling.EnergyGradient} defines the energy. {@link org.udge.sampling.ReplayBuffer}
 * keeps chains from one training step to the next. New chains start from an {@link
 * org.udge.sampling.InitialDistribution}: {@link org.udge.sampling.UniformImages} as in JEM, or the
 * more informative {@link org.udge.sampling.ClassConditionalGaussian} of JEM++, which needs fewer
 * steps.
 */
@CheckReturnValue
@NullMarked
package org.udge.sampling;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
