package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.random.RandomStreams;

class ShuffledBatchesTest {

  private static ShuffledBatches.Builder builder(int images, int batchSize) {
    return ShuffledBatches.builder(
        TestImages.numbered(images), batchSize, RandomStreams.of(3).child("train"));
  }

  /** The numbers of the images of each batch of an epoch. */
  private static List<List<Integer>> epoch(ShuffledBatches data, long epoch) {
    List<List<Integer>> batches = new ArrayList<>();
    for (int i = 0; i < data.batchesPerEpoch(); i++) {
      try (Batch batch = data.batch(epoch, i)) {
        List<Integer> numbers = new ArrayList<>();
        for (int k = 0; k < batch.size(); k++) {
          int number = TestImages.number(batch.images().getFloat(k, 0, 1, 1));
          assertThat(batch.labels()[k]).isEqualTo(number % 2);
          numbers.add(number);
        }
        batches.add(numbers);
      }
    }
    return batches;
  }

  private static List<Integer> flat(List<List<Integer>> batches) {
    return batches.stream().flatMap(List::stream).toList();
  }

  @Test
  void an_epoch_visits_every_image_once_in_the_order_of_the_shuffle_stream() {
    ShuffledBatches data = builder(12, 4).build();
    assertThat(data.batchesPerEpoch()).isEqualTo(3);
    int[] order = RandomStreams.of(3).child("train").stream("shuffle", 5).permutation(12);
    assertThat(flat(epoch(data, 5)))
        .containsExactlyElementsOf(IntStream.of(order).boxed().toList());
    assertThat(epoch(data, 5)).isNotEqualTo(epoch(data, 6));
  }

  @Test
  void drops_the_rest_by_default() {
    ShuffledBatches data = builder(11, 4).build();
    assertThat(epoch(data, 0)).hasSize(2).allSatisfy(batch -> assertThat(batch).hasSize(4));
    assertThat(flat(epoch(data, 0))).doesNotHaveDuplicates();
  }

  @Test
  void a_set_smaller_than_a_batch_makes_one_batch_of_all() {
    ShuffledBatches data = builder(3, 4).build();
    assertThat(epoch(data, 0)).hasSize(1);
    assertThat(flat(epoch(data, 0))).containsExactlyInAnyOrder(0, 1, 2);
  }

  @Test
  void keeps_the_rest_as_a_smaller_batch() {
    ShuffledBatches data = builder(11, 4).lastBatch(LastBatch.KEEP).build();
    assertThat(epoch(data, 0)).hasSize(3);
    assertThat(epoch(data, 0).get(2)).hasSize(3);
    assertThat(flat(epoch(data, 0)))
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 11).boxed().toList());
  }

  @Test
  void wraps_around_to_the_epochs_first_images() {
    ShuffledBatches data = builder(10, 4).lastBatch(LastBatch.WRAP).build();
    List<Integer> all = flat(epoch(data, 0));
    assertThat(all).hasSize(12);
    assertThat(all.subList(0, 10)).doesNotHaveDuplicates();
    assertThat(all.subList(10, 12)).isEqualTo(all.subList(0, 2));
    assertThat(epoch(builder(3, 8).lastBatch(LastBatch.WRAP).build(), 0).get(0)).hasSize(8);
  }

  @Test
  void a_batch_depends_on_epoch_and_index_alone() {
    ImageSource source = TestImages.random(40, 10);
    ShuffledBatches.Builder builder =
        ShuffledBatches.builder(source, 16, RandomStreams.of(1))
            .augmentation(Augmentations.standard(0.03));
    ShuffledBatches a = builder.build();
    ShuffledBatches b = builder.build();
    b.batch(0, 0).close();
    b.batch(7, 1).close();
    try (Batch first = a.batch(2, 1);
        Batch second = b.batch(2, 1);
        Batch other = a.batch(2, 0)) {
      assertThat(first.images()).isEqualTo(second.images());
      assertThat(first.labels()).isEqualTo(second.labels());
      assertThat(first.images()).isNotEqualTo(other.images());
    }
  }

  @Test
  void augments_with_the_batchs_own_stream() {
    ImageSource source = TestImages.random(4, 2);
    RandomStreams streams = RandomStreams.of(1);
    ShuffledBatches data =
        ShuffledBatches.builder(source, 4, streams)
            .augmentation((pixels, at, shape, random) -> pixels[at] = random.nextFloat())
            .build();
    var expected = streams.stream("augment", 3, 0);
    try (Batch batch = data.batch(3, 0)) {
      for (int i = 0; i < 4; i++) {
        assertThat(batch.images().getFloat(i, 0, 0, 0)).isEqualTo(expected.nextFloat());
      }
    }
  }

  @Test
  void images_are_float32_nchw_in_c_order() {
    ShuffledBatches data =
        ShuffledBatches.builder(TestImages.random(5, 5), 5, RandomStreams.of(1)).build();
    try (Batch batch = data.batch(0, 0)) {
      assertThat(batch.images().shape()).containsExactly(5, 3, 32, 32);
      assertThat(batch.images().ordering()).isEqualTo('c');
      int[] order = RandomStreams.of(1).stream("shuffle", 0).permutation(5);
      for (int i = 0; i < 5; i++) {
        assertThat(batch.images().slice(i).dup().data().asFloat())
            .isEqualTo(TestImages.pixels(TestImages.random(5, 5), order[i]));
      }
    }
  }

  @Test
  void buffers_of_closed_batches_are_used_again_and_of_open_ones_are_not() {
    ShuffledBatches data = builder(8, 4).build();
    Batch first = data.batch(0, 0);
    INDArray images = first.images();
    Batch second = data.batch(0, 1);
    assertThat(second.images()).isNotSameAs(images);
    first.close();
    first.close();
    Batch third = data.batch(1, 0);
    Batch fourth = data.batch(1, 1);
    assertThat(third.images()).isSameAs(images);
    assertThat(fourth.images()).isNotSameAs(images).isNotSameAs(second.images());
  }

  @Test
  void buffers_outlive_a_callers_workspace() {
    ShuffledBatches data = builder(4, 4).build();
    WorkspaceConfiguration settings = WorkspaceConfiguration.builder().initialSize(1 << 20).build();
    Batch batch;
    try (MemoryWorkspace workspace =
        Nd4j.getWorkspaceManager().getAndActivateWorkspace(settings, "caller")) {
      batch = data.batch(0, 0);
    }
    assertThat(batch.images().isAttached()).isFalse();
    assertThat(batch.images().sumNumber().doubleValue()).isNotNaN();
  }

  @Test
  void tells_shape_and_classes() {
    ShuffledBatches data = builder(4, 2).build();
    assertThat(data.shape()).isEqualTo(new ImageShape(1, 2, 2));
    assertThat(data.classNames()).containsExactly("even", "odd");
    assertThat(data)
        .hasToString("ShuffledBatches[2 of 2 from numbered (4 images of 1x2x2, 2 classes)]");
  }

  @Test
  void refuses_batch_size_below_one() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder(4, 0))
        .withMessageContaining("batch size must be at least 1, was 0");
  }

  @Test
  void refuses_empty_source() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder(0, 4))
        .withMessageContaining("numbered has no images");
  }

  @Test
  void refuses_negative_epoch_and_batch_out_of_range() {
    ShuffledBatches data = builder(8, 4).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> data.batch(-1, 0))
        .withMessageContaining("epoch must not be negative, was -1");
    assertThatThrownBy(() -> data.batch(0, 2)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
