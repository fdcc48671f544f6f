package org.udge.examples.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.data.TrainingData;
import org.udge.examples.models.DataOptions;
import org.udge.examples.models.TrainingImages;
import org.udge.random.RandomStreams;
import picocli.CommandLine;

class TrainingBatchesTest {

  /** Remembers which images were read. */
  private record Watched(ImageSource images, Set<Integer> seen) implements ImageSource {
    @Override
    public String name() {
      return images.name();
    }

    @Override
    public int size() {
      return images.size();
    }

    @Override
    public ImageShape shape() {
      return images.shape();
    }

    @Override
    public List<String> classNames() {
      return images.classNames();
    }

    @Override
    public int read(int index, float[] target, int offset) {
      seen.add(index);
      return images.read(index, target, offset);
    }
  }

  private static DataOptions twoLabelsPerClass() {
    DataOptions data = new DataOptions();
    data.dataset = "shapes";
    data.trainCount = 200;
    data.validationCount = 10;
    data.labelsPerClass = 2;
    data.batchSize = 8;
    data.sigma = 0.03;
    data.augmentMarginal = true;
    return data;
  }

  @Test
  void labeled_batches_hold_only_the_few_labeled_images_and_the_others_hold_all()
      throws IOException {
    DataOptions data = twoLabelsPerClass();
    RandomStreams streams = RandomStreams.of(1);
    TrainingImages opened = TrainingImages.open(data, false, streams, new CommandLine(new Train()));
    Watched labeled = new Watched(opened.labeled(), new TreeSet<>());
    Watched all = new Watched(opened.train(), new TreeSet<>());
    TrainingImages images = new TrainingImages(all, labeled, opened.validation(), opened.test());
    try (TrainingBatches batches = TrainingBatches.of(images, Optional.empty(), data, streams)) {
      assertThat(labeled.size()).isEqualTo(20);
      assertThat(batches.labeled().batchesPerEpoch()).isEqualTo(2);
      assertThat(batches.unlabeled().batchesPerEpoch()).isEqualTo(25);
      for (int epoch = 0; epoch < 8; epoch++) {
        read(batches.labeled(), epoch);
      }
      assertThat(labeled.seen).hasSize(20);
      assertThat(all.seen).isEmpty();
      read(batches.unlabeled(), 0);
      assertThat(all.seen).hasSize(200);
    }
    int[] perClass = new int[10];
    float[] pixels = new float[labeled.shape().size()];
    IntStream.range(0, 20).forEach(i -> perClass[labeled.read(i, pixels, 0)]++);
    assertThat(perClass).containsOnly(2);
  }

  private static void read(TrainingData batches, int epoch) {
    for (int i = 0; i < batches.batchesPerEpoch(); i++) {
      try (Batch batch = batches.batch(epoch, i)) {
        assertThat(batch.size()).isEqualTo(8);
      }
    }
  }
}
