/**
 * Readers of images, splits, augmentation and prefetching. Nothing in this package downloads
 * anything; {@code org.udge.datasets.download} does so when called.
 *
 * <p><b>Images.</b> All are {@link org.udge.data.ImageSource}s, float32 in [-1, 1], safe for
 * concurrent reading:
 *
 * <ul>
 *   <li>by name (CIFAR-10, SVHN, CelebA, MNIST, ..., the built-in shapes), or any file or folder:
 *       {@link org.udge.datasets.DatasetCatalog}
 *   <li>no files at all: {@link org.udge.datasets.ShapesDataset}, drawn from a seed
 *   <li>CIFAR-like binary records: {@link org.udge.datasets.RecordFormat}; raw records of any
 *       shape, in memory or left on disk: {@link org.udge.datasets.RecordLayout}
 *   <li>CIFAR's Python pickles, SVHN's MATLAB files, the idx files of MNIST, CelebA, Tiny-ImageNet:
 *       {@link org.udge.datasets.CifarPickles}, {@link org.udge.datasets.SvhnImages}, {@link
 *       org.udge.datasets.IdxImages}, {@link org.udge.datasets.CelebAImages}, {@link
 *       org.udge.datasets.TinyImageNetImages}
 *   <li>NumPy arrays: {@link org.udge.datasets.NpyImages}
 *   <li>folders and zips of image files: {@link org.udge.datasets.ImageFiles}, decoded when read;
 *       decoded once: {@link org.udge.datasets.DecodedImages}
 *   <li>arrays you have: {@link org.udge.datasets.ByteImages}, {@link
 *       org.udge.datasets.FloatImages}
 *   <li>a Deeplearning4j iterator, in either direction: {@link org.udge.datasets.DataSetIterators}
 *   <li>out-of-distribution and corrupted images: {@code org.udge.datasets.synthetic}, {@link
 *       org.udge.datasets.ShapesDataset#unseen}
 * </ul>
 *
 * <p><b>Parts and wholes</b>, without copying: {@link org.udge.datasets.Subset}, {@link
 * org.udge.datasets.Concatenation}; in another shape, {@link org.udge.datasets.ResizedImages}; at
 * random, {@link org.udge.datasets.Splits} (validation set, a few labels per class).
 *
 * <p><b>Training batches.</b> {@link org.udge.datasets.ShuffledBatches} shuffles and augments
 * ({@link org.udge.datasets.Augmentations}); wrap it in {@link org.udge.datasets.PrefetchingData}
 * to do this on background threads, with bit-for-bit the same result:
 *
 * <pre>{@code
 * RandomStreams streams = RandomStreams.of(1);
 * ImageSource images = DatasetCatalog.at(folder).open("cifar10", Split.TRAIN);
 * ShuffledBatches batches =
 *     ShuffledBatches.builder(images, 64, streams)
 *         .augmentation(Augmentations.standard(0.03))
 *         .build();
 * try (PrefetchingData data = PrefetchingData.of(batches, 2)) {
 *   // train on data
 * }
 * }</pre>
 */
@CheckReturnValue
@NullMarked
package org.udge.datasets;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
