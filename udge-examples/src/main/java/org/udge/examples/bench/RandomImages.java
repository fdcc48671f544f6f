package org.udge.examples.bench;

import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.data.ImageShape;
import org.udge.datasets.Augmentations;
import org.udge.datasets.ByteImages;
import org.udge.datasets.PrefetchingData;
import org.udge.datasets.ShuffledBatches;
import org.udge.internal.HostImages;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/** Random images of CIFAR's shape, always the same, for timing programs. */
final class RandomImages {

  private static final ImageShape SHAPE = ImageShape.CIFAR;
  private static final int COUNT = 5_000;
  private static final double NOISE = 0.03;

  private RandomImages() {}

  /** Pixels uniform in [-1, 1]. */
  static INDArray batch(int count) {
    float[] pixels = new float[count * SHAPE.size()];
    RandomStreams.of(0).stream("images").fillUniform(pixels, -1, 1);
    return HostImages.array(pixels, SHAPE.batch(count));
  }

  /** Shuffled and augmented batches of a set of bytes, prefetched as in training. */
  static PrefetchingData augmented(int batch, int classes, int workers) {
    RandomStreams streams = RandomStreams.of(0).child("data");
    int count = Math.max(COUNT, batch);
    byte[] pixels = new byte[count * SHAPE.size()];
    RandomStream random = streams.stream("pixels");
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) random.nextInt(256);
    }
    List<String> names = IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    int[] labels = IntStream.range(0, count).map(i -> i % classes).toArray();
    return PrefetchingData.of(
        ShuffledBatches.builder(
                ByteImages.of("random", SHAPE, names, pixels, labels), batch, streams)
            .augmentation(Augmentations.standard(NOISE))
            .build(),
        workers);
  }
}
