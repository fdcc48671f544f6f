package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.TrainingData;
import org.udge.random.RandomStreams;

@Timeout(60)
class PrefetchingDataTest {

  private static final ImageShape SHAPE = new ImageShape(1, 1, 1);

  /** Counts what is made and closed; batch (e, i) holds 10 e + i. */
  private static class Counting implements TrainingData {
    final Set<String> made = ConcurrentHashMap.newKeySet();
    final AtomicInteger open = new AtomicInteger();

    @Override
    public int batchesPerEpoch() {
      return 3;
    }

    @Override
    public ImageShape shape() {
      return SHAPE;
    }

    @Override
    public List<String> classNames() {
      return List.of("a");
    }

    @Override
    public Batch batch(long epoch, int index) {
      made.add(epoch + "." + index);
      open.incrementAndGet();
      return Batch.pooled(
          Nd4j.createFromArray(10f * epoch + index).reshape(1, 1, 1, 1),
          new int[] {0},
          open::decrementAndGet);
    }
  }

  private static float value(TrainingData data, long epoch, int index) {
    try (Batch batch = data.batch(epoch, index)) {
      return batch.images().getFloat(0);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 4", "3, 20"})
  void gives_the_same_bits_as_without(int workers, int ahead) {
    ShuffledBatches plain =
        ShuffledBatches.builder(TestImages.random(70, 10), 16, RandomStreams.of(5))
            .augmentation(Augmentations.standard(0.03))
            .lastBatch(LastBatch.KEEP)
            .build();
    try (PrefetchingData prefetched = PrefetchingData.of(plain, workers, ahead)) {
      assertThat(prefetched.batchesPerEpoch()).isEqualTo(5);
      for (int epoch = 0; epoch < 4; epoch++) {
        for (int i = 0; i < 5; i++) {
          try (Batch expected = plain.batch(epoch, i);
              Batch actual = prefetched.batch(epoch, i)) {
            assertThat(actual.images().data().asFloat())
                .isEqualTo(expected.images().data().asFloat());
            assertThat(actual.labels()).isEqualTo(expected.labels());
          }
        }
      }
    }
  }

  @Test
  void makes_the_next_batches_across_the_end_of_the_epoch() throws InterruptedException {
    CountDownLatch four = new CountDownLatch(4);
    Counting data =
        new Counting() {
          @Override
          public Batch batch(long epoch, int index) {
            Batch batch = super.batch(epoch, index);
            four.countDown();
            return batch;
          }
        };
    try (PrefetchingData prefetched = PrefetchingData.of(data, 2, 3)) {
      assertThat(value(prefetched, 0, 1)).isEqualTo(1);
      assertThat(four.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(data.made).containsExactlyInAnyOrder("0.1", "0.2", "1.0", "1.1");
    }
  }

  @Test
  void positions_may_be_asked_for_in_any_order() {
    Counting data = new Counting();
    try (PrefetchingData prefetched = PrefetchingData.of(data, 2)) {
      assertThat(value(prefetched, 4, 2)).isEqualTo(42);
      assertThat(value(prefetched, 0, 0)).isEqualTo(0);
      assertThat(value(prefetched, 0, 0)).isEqualTo(0);
      assertThat(value(prefetched, 0, 2)).isEqualTo(2);
    }
    assertThat(data.open).hasValue(0);
  }

  @Test
  void closing_closes_what_was_made_ahead_and_ends_the_threads() {
    Counting data = new Counting();
    PrefetchingData prefetched = PrefetchingData.of(data, 2, 5);
    Batch handedOut = prefetched.batch(0, 0);
    prefetched.close();
    prefetched.close();
    assertThat(data.open).hasValue(1);
    handedOut.close();
    assertThat(data.open).hasValue(0);
    assertThatIllegalStateException()
        .isThrownBy(() -> prefetched.batch(0, 1))
        .withMessageContaining("closed");
  }

  @Test
  void an_exception_reaches_whoever_asks_for_that_batch_and_asking_again_tries_again() {
    AtomicInteger failures = new AtomicInteger();
    Counting data =
        new Counting() {
          @Override
          public Batch batch(long epoch, int index) {
            if (index == 1 && failures.getAndIncrement() == 0) {
              throw new IllegalArgumentException("damaged image");
            }
            return super.batch(epoch, index);
          }
        };
    try (PrefetchingData prefetched = PrefetchingData.of(data, 1, 2)) {
      assertThat(value(prefetched, 0, 0)).isEqualTo(0);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> prefetched.batch(0, 1))
          .withMessage("damaged image");
      assertThat(value(prefetched, 0, 1)).isEqualTo(1);
    }
    assertThat(data.open).hasValue(0);
  }

  @Test
  void an_error_reaches_the_caller_as_it_is() {
    Counting data =
        new Counting() {
          @Override
          public Batch batch(long epoch, int index) {
            throw new StackOverflowError("deep");
          }
        };
    try (PrefetchingData prefetched = PrefetchingData.of(data, 1)) {
      assertThatThrownBy(() -> prefetched.batch(0, 0))
          .isInstanceOf(StackOverflowError.class)
          .hasMessage("deep");
    }
  }

  @Test
  void many_threads_may_ask_at_once() {
    Counting data = new Counting();
    Set<Float> values = Collections.synchronizedSet(new HashSet<>());
    try (PrefetchingData prefetched = PrefetchingData.of(data, 2)) {
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int epoch = t;
        Thread thread = new Thread(() -> values.add(value(prefetched, epoch, 2)));
        threads.add(thread);
        thread.start();
      }
      for (Thread thread : threads) {
        join(thread);
      }
    }
    assertThat(values).containsExactlyInAnyOrder(2f, 12f, 22f, 32f);
    assertThat(data.open).hasValue(0);
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void buffers_go_round() {
    ShuffledBatches plain =
        ShuffledBatches.builder(TestImages.numbered(40), 4, RandomStreams.of(5)).build();
    Set<Object> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
    try (PrefetchingData prefetched = PrefetchingData.of(plain, 2, 3)) {
      for (int step = 0; step < 100; step++) {
        try (Batch batch = prefetched.batch(step / 10, step % 10)) {
          arrays.add(batch.images());
        }
      }
    }
    // One with the caller, three ahead, and one that may be taken before the caller's is back.
    assertThat(arrays.size()).isLessThanOrEqualTo(5);
  }

  @Test
  void refuses_no_workers_and_nothing_ahead() {
    Counting data = new Counting();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PrefetchingData.of(data, 0))
        .withMessageContaining("workers must be at least 1, was 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PrefetchingData.of(data, 1, 0))
        .withMessageContaining("batches to prefetch must be at least 1, was 0");
  }

  @Test
  void refuses_positions_that_do_not_exist() {
    try (PrefetchingData prefetched = PrefetchingData.of(new Counting(), 1)) {
      assertThatIllegalArgumentException().isThrownBy(() -> prefetched.batch(-1, 0));
      assertThatThrownBy(() -> prefetched.batch(0, 3))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }
}
