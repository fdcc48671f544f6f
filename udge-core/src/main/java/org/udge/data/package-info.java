/**
 * What training and evaluation read.
 *
 * <p>{@link org.udge.data.ImageSource} is a set of images that can be read at any position; {@link
 * org.udge.data.TrainingData} is such a set cut into shuffled, augmented mini-batches, each a
 * function of (seed, epoch, index) alone, so that it can be produced on any thread and resumed at
 * any position; {@link org.udge.data.Batch} is what both hand out. {@link org.udge.data.Table}
 * holds rows of features. Readers of files and augmentations are in the module {@code
 * udge-datasets}.
 */
package org.udge.data;
