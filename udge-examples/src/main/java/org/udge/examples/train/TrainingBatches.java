package org.udge.examples.train;

import java.util.Optional;
import org.udge.data.Augmentation;
import org.udge.data.ImageSource;
import org.udge.data.TrainingData;
import org.udge.datasets.Augmentations;
import org.udge.datasets.PrefetchingData;
import org.udge.datasets.ShuffledBatches;
import org.udge.datasets.synthetic.PixMix;
import org.udge.examples.models.DataOptions;
import org.udge.examples.models.TrainingImages;
import org.udge.random.RandomStreams;

/**
 * The batches of a run, prefetched or not.
 *
 * @param labeled batches of the images whose labels are used
 * @param unlabeled batches of all training images, for terms of log p(x)
 */
record TrainingBatches(TrainingData labeled, TrainingData unlabeled) implements AutoCloseable {

  /** Padding of random crops, in pixels. */
  private static final int CROP = 4;

  static TrainingBatches of(
      TrainingImages images,
      Optional<ImageSource> mixing,
      DataOptions data,
      RandomStreams streams) {
    Augmentation augmentation =
        Augmentations.reflectPadCrop(CROP)
            .then(Augmentations.horizontalFlip())
            .then(mixing.<Augmentation>map(PixMix::of).orElseGet(Augmentation::none))
            .then(Augmentations.cutout(data.cutout))
            .then(Augmentations.gaussianNoise(data.sigma));
    Augmentation marginal =
        data.augmentMarginal ? augmentation : Augmentations.gaussianNoise(data.sigma);
    return new TrainingBatches(
        batches(images.labeled(), augmentation, data, streams),
        batches(images.train(), marginal, data, streams.child("unlabelled")));
  }

  private static TrainingData batches(
      ImageSource images, Augmentation augmentation, DataOptions data, RandomStreams streams) {
    TrainingData batches =
        ShuffledBatches.builder(images, data.batchSize, streams).augmentation(augmentation).build();
    return data.workers > 0 ? PrefetchingData.of(batches, data.workers) : batches;
  }

  @Override
  public void close() {
    close(unlabeled);
    close(labeled);
  }

  private static void close(TrainingData batches) {
    if (batches instanceof PrefetchingData prefetching) {
      prefetching.close();
    }
  }
}
