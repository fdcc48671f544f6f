/**
 * What the readers of {@code org.udge.datasets} are made of: file formats, without anything about
 * sets of images. Whoever wants images takes the classes of {@code org.udge.datasets}.
 *
 * <ul>
 *   <li>{@link org.udge.datasets.formats.ImageDecoder}: PNG, JPEG, GIF, BMP and WebP to pixels of a
 *       wanted shape, within limits
 *   <li>{@link org.udge.datasets.formats.FileCollection}: files below a folder or in a zip
 *   <li>{@link org.udge.datasets.formats.TarFiles}: files in a tar archive, compressed or not
 *   <li>{@link org.udge.datasets.formats.IdxArray}: the format of MNIST
 *   <li>{@link org.udge.datasets.formats.SvhnArrays}: the MATLAB files of SVHN
 *   <li>{@link org.udge.datasets.formats.CelebALists}: the text files of CelebA
 * </ul>
 *
 * <p>Files may come from strangers. Each reader checks what a file claims before it allocates
 * anything for it, and refuses a file with an {@link java.io.IOException} that names the file, the
 * place in it, and what was expected.
 */
package org.udge.datasets.formats;
