package org.udge.examples.benchmarks;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.udge.data.Augmentation;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.datasets.Augmentations;
import org.udge.datasets.ByteImages;
import org.udge.datasets.ShuffledBatches;
import org.udge.random.RandomStreams;

/**
 * Training images a second on one thread: 50,000 images of CIFAR's shape held as bytes, in batches
 * of 64.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@State(Scope.Thread)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DataBenchmark {

  private static final int IMAGES = 50_000;
  private static final int BATCH = 64;

  private final ShuffledBatches plain = batches(Augmentation.none());
  private final ShuffledBatches cropped =
      batches(Augmentations.reflectPadCrop(4).then(Augmentations.horizontalFlip()));
  private final ShuffledBatches standard = batches(Augmentations.standard(0.03));
  private int next;

  private static ShuffledBatches batches(Augmentation augmentation) {
    byte[] bytes = new byte[IMAGES * ImageShape.CIFAR.size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 31 + i / 3072);
    }
    ByteImages images =
        ByteImages.of("made", ImageShape.CIFAR, List.of("one"), bytes, new int[IMAGES]);
    return ShuffledBatches.builder(images, BATCH, RandomStreams.of(1))
        .augmentation(augmentation)
        .build();
  }

  private int read(ShuffledBatches batches) {
    int index = next++;
    int epoch = index / batches.batchesPerEpoch();
    try (Batch batch = batches.batch(epoch, index % batches.batchesPerEpoch())) {
      return batch.labels()[0];
    }
  }

  /**
   * Without augmentation.
   *
   * @return a label
   */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int plain() {
    return read(plain);
  }

  /**
   * With crop and flip.
   *
   * @return a label
   */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int cropAndFlip() {
    return read(cropped);
  }

  /**
   * With crop, flip and noise: what training does.
   *
   * @return a label
   */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int cropFlipAndNoise() {
    return read(standard);
  }
}
