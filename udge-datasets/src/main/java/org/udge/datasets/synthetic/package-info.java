/**
 * Images that are generated rather than read: out-of-distribution images, and corrupted versions of
 * in-distribution images. All are functions of their source, a seed and an index alone, and are
 * generated when they are read.
 *
 * <ul>
 *   <li>without a source: {@link org.udge.datasets.synthetic.NoiseImages} (uniform, Gaussian,
 *       blurred, constant), {@link org.udge.datasets.synthetic.FractalImages}
 *   <li>from other images, as out-of-distribution sets: {@link
 *       org.udge.datasets.synthetic.InterpolatedImages}, {@link
 *       org.udge.datasets.synthetic.ScrambledImages} (shuffled patches, permuted pixels)
 *   <li>from other images, with their labels: {@link org.udge.datasets.synthetic.CorruptedImages},
 *       as in CIFAR-10-C
 *   <li>by name, as on the command line: {@link org.udge.datasets.synthetic.SyntheticName}
 * </ul>
 */
@CheckReturnValue
@NullMarked
package org.udge.datasets.synthetic;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
