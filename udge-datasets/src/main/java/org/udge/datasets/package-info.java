/**
 * Readers of images, splits, augmentation and prefetching. Nothing here downloads anything.
 *
 * <p><b>Images.</b> All are {@link org.udge.data.ImageSource}s, float32 in [-1, 1], safe for
 * concurrent reading:
 *
 * <ul>
 *   <li>by name (CIFAR-10, CIFAR-100, SVHN, the built-in shapes), or any file or folder: {@link
 *       org.udge.datasets.DatasetCatalog}
 *   <li>no files at all: {@link org.udge.datasets.ShapesDataset}, drawn from a seed
 *   <li>CIFAR-like binary records: {@link org.udge.datasets.RecordFormat}
 *   <li>NumPy arrays: {@link org.udge.datasets.NpyImages}
 *   <li>PNG and JPEG files: {@link org.udge.datasets.ImageFiles}, decoded when read
 *   <li>arrays you have: {@link org.udge.datasets.ByteImages}, {@link
 *       org.udge.datasets.FloatImages}
 *   <li>a Deeplearning4j iterator, either way: {@link org.udge.datasets.DataSetIterators}
 *   <li>out-of-distribution images: {@link org.udge.datasets.synthetic.InterpolatedImages}, {@link
 *       org.udge.datasets.synthetic.NoiseImages}, {@link org.udge.datasets.ShapesDataset#unseen}
 * </ul>
 *
 * <p><b>Parts and wholes</b>, without copying: {@link org.udge.datasets.Subset}, {@link
 * org.udge.datasets.Concatenation}; at random, {@link org.udge.datasets.Splits} (validation set, a
 * few labels per class).
 *
 * <p><b>Training batches.</b> {@link org.udge.datasets.ShuffledBatches} shuffles and augments
 * ({@link org.udge.datasets.Augmentations}); wrap it in {@link org.udge.datasets.PrefetchingData}
 * to have that done on background threads, with the same result to the last bit:
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
package org.udge.datasets;
