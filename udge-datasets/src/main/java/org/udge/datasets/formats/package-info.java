/**
 * The building blocks of the readers of {@code org.udge.datasets}: file formats, without knowledge
 * of image sets. To read images, use the classes of {@code org.udge.datasets}.
 *
 * <ul>
 *   <li>{@link org.udge.datasets.formats.ImageDecoder}: PNG, JPEG, GIF, BMP and WebP to pixels of a
 *       target shape, within limits
 *   <li>{@link org.udge.datasets.formats.FileCollection}: files below a folder or in a zip
 *   <li>{@link org.udge.datasets.formats.TarFiles}: files in a tar archive, compressed or not
 *   <li>{@link org.udge.datasets.formats.IdxArray}: the format of MNIST
 *   <li>{@link org.udge.datasets.formats.SvhnArrays}: the MATLAB files of SVHN
 *   <li>{@link org.udge.datasets.formats.CelebALists}: the text files of CelebA
 * </ul>
 *
 * <p>Files may come from untrusted sources. Each reader checks the claims of a file before it
 * allocates memory for them, and refuses a file with an {@link java.io.IOException} that names the
 * file, the position in it, and what was expected.
 */
@CheckReturnValue
@NullMarked
package org.udge.datasets.formats;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
