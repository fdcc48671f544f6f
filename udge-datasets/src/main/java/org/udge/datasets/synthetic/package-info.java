/**
 * Images that are made, not read: what lies outside a distribution, and damaged versions of what
 * lies within. All are functions of their source, a seed and an index alone, made when they are
 * read.
 *
 * <ul>
 *   <li>from nothing: {@link org.udge.datasets.synthetic.NoiseImages} (uniform, Gaussian, blurred,
 *       constant), {@link org.udge.datasets.synthetic.FractalImages}
 *   <li>from other images, as out-of-distribution sets: {@link
 *       org.udge.datasets.synthetic.InterpolatedImages}, {@link
 *       org.udge.datasets.synthetic.ScrambledImages} (shuffled patches, permuted pixels)
 *   <li>from other images, with their labels: {@link org.udge.datasets.synthetic.CorruptedImages},
 *       as in CIFAR-10-C
 *   <li>by name, as command lines write it: {@link org.udge.datasets.synthetic.SyntheticName}
 * </ul>
 */
@CheckReturnValue
@NullMarked
package org.udge.datasets.synthetic;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
