package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.adapter.SingletonDataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.random.RandomStreams;

class DataSetIteratorsTest {

  @Test
  void reads_a_source_in_order_with_one_hot_labels() {
    ImageSource source = TestImages.numbered(5);
    DataSetIterator iterator = DataSetIterators.of(source, 2);
    assertThat(iterator.totalOutcomes()).isEqualTo(2);
    assertThat(iterator.inputColumns()).isEqualTo(4);
    assertThat(iterator.getLabels()).containsExactly("even", "odd");
    List<DataSet> batches = new ArrayList<>();
    iterator.forEachRemaining(batches::add);
    assertThat(batches).hasSize(3);
    assertThat(batches.get(1).getFeatures()).isEqualTo(source.read(2, 3).images());
    assertThat(batches.get(1).getLabels().toFloatMatrix())
        .isDeepEqualTo(new float[][] {{1, 0}, {0, 1}});
    assertThat(batches.get(2).numExamples()).isEqualTo(1);
    assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(iterator::next);
    iterator.reset();
    assertThat(iterator.next(4).numExamples()).isEqualTo(4);
  }

  @Test
  void applies_the_pre_processor() {
    DataSetIterator iterator = DataSetIterators.of(TestImages.numbered(2), 2);
    iterator.setPreProcessor(data -> data.getFeatures().assign(7));
    assertThat(iterator.next().getFeatures().data().asFloat()).containsOnly(7);
  }

  @Test
  void each_pass_over_training_data_is_the_next_epoch() {
    ShuffledBatches data =
        ShuffledBatches.builder(TestImages.numbered(8), 4, RandomStreams.of(1)).build();
    DataSetIterator iterator = DataSetIterators.of(data);
    assertThat(iterator.batch()).isEqualTo(4);
    iterator.reset();
    for (int epoch = 0; epoch < 3; epoch++) {
      for (int i = 0; i < 2; i++) {
        try (Batch expected = data.batch(epoch, i)) {
          assertThat(iterator.next().getFeatures()).isEqualTo(expected.images());
        }
      }
      assertThat(iterator.hasNext()).isFalse();
      iterator.reset();
    }
  }

  @Test
  void data_sets_outlive_the_reuse_of_buffers() {
    ShuffledBatches data =
        ShuffledBatches.builder(TestImages.numbered(8), 4, RandomStreams.of(1)).build();
    DataSetIterator iterator = DataSetIterators.of(data);
    DataSet first = iterator.next();
    float[] before = first.getFeatures().data().asFloat();
    iterator.next();
    assertThat(first.getFeatures().data().asFloat()).isEqualTo(before);
  }

  @Test
  void there_and_back_is_the_same() {
    ImageSource source = TestImages.random(7, 3);
    ImageSource copy =
        DataSetIterators.toImages("copy", DataSetIterators.of(source, 3), source.classNames());
    assertThat(copy.size()).isEqualTo(7);
    assertThat(copy.shape()).isEqualTo(ImageShape.CIFAR);
    assertThat(Labels.of(copy)).isEqualTo(Labels.of(source));
    for (int i = 0; i < 7; i++) {
      assertThat(TestImages.pixels(copy, i)).isEqualTo(TestImages.pixels(source, i));
    }
  }

  @Test
  void labels_may_be_absent() {
    DataSet unlabeled = new DataSet(Nd4j.ones(2, 1, 2, 2), null);
    ImageSource images =
        DataSetIterators.toImages("x", new SingletonDataSetIterator(unlabeled), List.of("a"));
    assertThat(Labels.of(images)).containsExactly(Batch.UNLABELED, Batch.UNLABELED);
  }

  @Test
  void refuses_sources_without_classes() {
    ImageSource plain = FloatImages.unlabeled("x", new ImageShape(1, 1, 1), new float[2]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSetIterators.of(plain, 1))
        .withMessageContaining("must have classes");
  }

  @Test
  void refuses_batch_size_below_one() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSetIterators.of(TestImages.numbered(2), 0))
        .withMessageContaining("batch size must be at least 1, was 0");
  }

  @Test
  void refuses_features_that_are_no_images_and_labels_of_other_width() {
    DataSet rows = new DataSet(Nd4j.ones(2, 4), Nd4j.ones(2, 2));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> DataSetIterators.toImages("x", new SingletonDataSetIterator(rows), List.of()))
        .withMessageContaining("features must be [N, C, H, W], were [2, 4]");
    DataSet wide = new DataSet(Nd4j.ones(2, 1, 2, 2), Nd4j.ones(2, 3));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                DataSetIterators.toImages(
                    "x", new SingletonDataSetIterator(wide), List.of("a", "b")))
        .withMessageContaining("labels must be [N, 2]")
        .withMessageContaining("[2, 3]");
  }

  @Test
  void refuses_an_exhausted_iterator() {
    DataSetIterator iterator = DataSetIterators.of(TestImages.numbered(2), 2);
    iterator.next();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSetIterators.toImages("x", iterator, List.of()))
        .withMessageContaining("no images left");
  }
}
