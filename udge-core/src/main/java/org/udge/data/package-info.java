/**
 * The data that training and evaluation read.
 *
 * <p>{@link org.udge.data.ImageSource} is a set of images that can be read at any position. {@link
 * org.udge.data.TrainingData} is such a set divided into shuffled, augmented mini-batches, each a
 * function of (seed, epoch, index) alone, so that it can be produced on any thread and resumed at
 * any position. Both provide their images as a {@link org.udge.data.Batch}. {@link
 * org.udge.data.Table} holds rows of features. File readers and augmentations are in the module
 * {@code udge-datasets}.
 */
@CheckReturnValue
@NullMarked
package org.udge.data;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
