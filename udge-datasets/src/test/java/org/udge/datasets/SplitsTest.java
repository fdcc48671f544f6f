package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

class SplitsTest {

  private static final ImageShape PIXEL = new ImageShape(1, 1, 1);

  /** 60 images of a, 30 of b, 10 without a label; labels only, pixels must not be read. */
  private static ImageSource uneven() {
    int[] labels = new int[100];
    for (int i = 0; i < 100; i++) {
      labels[i] = i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : Batch.UNLABELED;
    }
    return new IndexedImages("uneven", PIXEL, List.of("a", "b"), labels) {
      @Override
      void copy(int index, float[] target, int offset) {
        throw new AssertionError("pixels were read");
      }
    };
  }

  private static RandomStream stream() {
    return RandomStreams.of(9).stream("validation");
  }

  private static long count(ImageSource source, int label) {
    return IntStream.of(Labels.of(source)).filter(l -> l == label).count();
  }

  @Test
  void validation_is_stratified_and_disjoint_from_training() {
    Splits.TrainValidation split = Splits.stratified(uneven(), 20, stream());
    assertThat(split.validation().size()).isEqualTo(20);
    assertThat(split.train().size()).isEqualTo(80);
    assertThat(count(split.validation(), 0)).isEqualTo(12);
    assertThat(count(split.validation(), 1)).isEqualTo(6);
    assertThat(count(split.validation(), Batch.UNLABELED)).isEqualTo(2);
    assertThat(
            IntStream.concat(
                    IntStream.of(split.train().indices()),
                    IntStream.of(split.validation().indices()))
                .sorted())
        .containsExactlyElementsOf(IntStream.range(0, 100).boxed().toList());
    assertThat(split.validation().name()).isEqualTo("uneven/validation-part");
  }

  @Test
  void validation_has_exactly_the_size_asked_for() {
    for (int size = 0; size < 100; size++) {
      assertThat(Splits.stratified(uneven(), size, stream()).validation().size()).isEqualTo(size);
    }
  }

  @Test
  void keeps_the_labels_of_the_same_number_of_each_class() {
    Splits.LabeledUnlabeled split = Splits.labelsPerClass(uneven(), 4, stream());
    assertThat(count(split.labeled(), 0)).isEqualTo(4);
    assertThat(count(split.labeled(), 1)).isEqualTo(4);
    assertThat(split.labeled().size()).isEqualTo(8);
    assertThat(split.unlabeled().size()).isEqualTo(92);
    assertThat(Labels.of(split.unlabeled())).containsOnly(Batch.UNLABELED);
    assertThat(split.unlabeled().classNames()).containsExactly("a", "b");
  }

  @Test
  void refuses_validation_sizes_out_of_range() {
    for (int size : new int[] {-1, 100}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Splits.stratified(uneven(), size, stream()))
          .withMessageContaining("from 0 to 99")
          .withMessageContaining("was " + size);
    }
  }

  @Test
  void refuses_more_labels_than_a_class_has() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Splits.labelsPerClass(uneven(), 31, stream()))
        .withMessageContaining("at most 30, the number of images of class 1 (b), was 31");
  }

  @Test
  void refuses_no_labels_and_no_classes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Splits.labelsPerClass(uneven(), 0, stream()))
        .withMessageContaining("at least 1, was 0");
    ImageSource classless = FloatImages.unlabeled("plain", PIXEL, new float[5]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Splits.labelsPerClass(classless, 1, stream()))
        .withMessageContaining("plain has no classes");
  }

  @Test
  void a_subset_reads_the_images_of_its_indices() {
    ImageSource source = TestImages.numbered(10);
    Subset subset = Subset.of(source, 7, 2, 7).named("three");
    assertThat(subset.size()).isEqualTo(3);
    assertThat(subset.name()).isEqualTo("three");
    assertThat(subset.shape()).isEqualTo(source.shape());
    assertThat(TestImages.number(TestImages.pixels(subset, 0)[0])).isEqualTo(7);
    assertThat(TestImages.number(TestImages.pixels(subset, 1)[0])).isEqualTo(2);
    assertThat(Labels.of(subset)).containsExactly(1, 0, 1);
    float[] pixels = new float[4];
    assertThat(subset.read(0, pixels, 0)).isEqualTo(1);
    assertThat(subset.withoutLabels().read(0, pixels, 0)).isEqualTo(Batch.UNLABELED);
  }

  @Test
  void first_takes_the_first() {
    assertThat(Subset.first(TestImages.numbered(10), 3).indices()).containsExactly(0, 1, 2);
  }

  @Test
  void subset_refuses_what_is_not_there() {
    ImageSource source = TestImages.numbered(10);
    assertThatThrownBy(() -> Subset.of(source, 0, 10))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Subset.first(source, 11))
        .withMessageContaining("from 0 to 10, the size of numbered, was 11");
    assertThatThrownBy(() -> Subset.first(source, 3).label(3))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
