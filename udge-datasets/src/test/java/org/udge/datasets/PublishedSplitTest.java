package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import org.junit.jupiter.api.Test;
import org.udge.random.RandomStreams;

class PublishedSplitTest {

  /** As NumPy 2.4 shuffles after seed(1234). */
  @Test
  void shuffles_as_numpy_does() {
    assertThat(PublishedSplit.shuffled(20))
        .containsExactly(3, 13, 2, 16, 14, 5, 4, 0, 8, 18, 17, 11, 10, 9, 7, 1, 19, 12, 6, 15);
    int[] order = PublishedSplit.shuffled(50_000);
    assertThat(order).startsWith(20308, 37706, 6041, 42143, 23202);
    Hasher hasher = Hashing.sha256().newHasher();
    for (int index : order) {
      hasher.putInt(index);
    }
    assertThat(hasher.hash())
        .hasToString("f0ff9bbe8a38beb2e1b48699eb19f725b9926980c5f24a5353e961407a945e11");
  }

  @Test
  void the_first_are_for_validation() {
    PublishedSplit split = PublishedSplit.of(TestImages.numbered(20), 3);
    assertThat(split.validation().indices()).containsExactly(3, 13, 2);
    assertThat(split.train().indices()).startsWith(16, 14, 5).hasSize(17);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PublishedSplit.of(TestImages.numbered(20), 20))
        .withMessageContaining("from 0 to 19");
  }

  @Test
  void few_labels_are_the_first_of_each_class() {
    PublishedSplit split = PublishedSplit.of(TestImages.numbered(20), 3);
    Subset labeled = PublishedSplit.firstOfEachClass(split.train(), 2);
    assertThat(Labels.of(labeled)).containsExactly(0, 0, 1, 1);
    assertThat(TestImages.number(TestImages.pixels(labeled, 0)[0])).isEqualTo(16);
    assertThat(TestImages.number(TestImages.pixels(labeled, 2)[0])).isEqualTo(5);
  }

  @Test
  void the_hash_tells_indices_of_the_whole_set() {
    Subset nested = Subset.of(Subset.of(TestImages.numbered(20), 5, 6, 7), 2, 0);
    assertThat(Splits.indexHash(nested))
        .isEqualTo(Splits.indexHash(Subset.of(TestImages.numbered(9), 7, 5)))
        .isNotEqualTo(Splits.indexHash(Subset.of(TestImages.numbered(20), 5, 7)))
        .hasSize(64);
    assertThat(Splits.indexHash(PublishedSplit.of(TestImages.numbered(20), 0).train()))
        .isNotEqualTo(Splits.indexHash(TestImages.numbered(20)));
    assertThat(
            Splits.indexHash(
                Splits.stratified(TestImages.numbered(20), 4, RandomStreams.of(1).stream("v"))
                    .validation()))
        .isEqualTo(
            Splits.indexHash(
                Splits.stratified(TestImages.numbered(20), 4, RandomStreams.of(1).stream("v"))
                    .validation()));
  }
}
