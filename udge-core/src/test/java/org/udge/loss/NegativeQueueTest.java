package org.udge.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.udge.loss.LossFixtures.randomLogits;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.udge.engine.Logits;
import org.udge.random.RandomStreams;
import org.udge.state.State;

class NegativeQueueTest {

  @Test
  void wraps_around_and_lists_oldest_first() {
    NegativeQueue queue = NegativeQueue.of(5, 1);
    queue.add(column(1, 2, 3));
    assertThat(queue.size()).isEqualTo(3);
    assertContent(queue, 1, 2, 3);
    queue.add(column(4, 5, 6));
    assertContent(queue, 2, 3, 4, 5, 6);
    queue.add(column(7, 8, 9));
    assertContent(queue, 5, 6, 7, 8, 9);
    assertThat(queue.size()).isEqualTo(queue.capacity()).isEqualTo(5);
  }

  @Test
  void keeps_the_last_of_a_batch_larger_than_itself() {
    NegativeQueue queue = NegativeQueue.of(2, 1);
    queue.add(column(1, 2, 3, 4, 5));
    assertContent(queue, 4, 5);
  }

  @Test
  void state_gives_back_content_and_position() {
    NegativeQueue queue = NegativeQueue.of(5, 1);
    queue.add(column(1, 2, 3, 4, 5, 6));
    State captured = queue.captureState();
    queue.add(column(7, 8));
    NegativeQueue other = NegativeQueue.of(5, 1);
    other.restoreState(captured);
    assertThat(other.captureState()).isEqualTo(captured);
    other.add(column(7, 8));
    assertContent(other, 4, 5, 6, 7, 8);
    assertThat(other.captureState()).isEqualTo(queue.captureState());
  }

  @Test
  void restoring_an_emptier_state_forgets_the_rest() {
    NegativeQueue queue = NegativeQueue.of(5, 1);
    queue.add(column(1, 2));
    State captured = queue.captureState();
    queue.add(column(3, 4, 5));
    queue.restoreState(captured);
    assertContent(queue, 1, 2);
  }

  @Test
  void noise_fills_it_with_standard_normal_numbers_of_the_stream() {
    NegativeQueue queue = NegativeQueue.of(1000, 10);
    queue.fillWithNoise(RandomStreams.of(1).stream("noise"));
    assertThat(queue.size()).isEqualTo(1000);
    Logits noise = queue.logits();
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < 1000; i++) {
      for (double value : noise.row(i)) {
        sum += value;
        squares += value * value;
      }
    }
    assertThat(Math.abs(sum / 10_000)).isLessThan(0.05);
    assertThat(squares / 10_000).isBetween(0.95, 1.05);
    NegativeQueue same = NegativeQueue.of(1000, 10);
    same.fillWithNoise(RandomStreams.of(1).stream("noise"));
    assertThat(same.captureState()).isEqualTo(queue.captureState());
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.NEGATIVE_INFINITY, 1e39})
  void refuses_logits_that_are_not_finite_and_adds_none_of_them(double bad) {
    NegativeQueue queue = NegativeQueue.of(5, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> queue.add(Logits.of(new double[][] {{1, 2}, {3, bad}})))
        .withMessage(
            "logits to be queued must be finite float32 numbers, logit 1 of image 1 was %s", bad);
    assertThat(queue.size()).isZero();
  }

  @Test
  void refuses_logits_of_other_classes() {
    NegativeQueue queue = NegativeQueue.of(5, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> queue.add(Logits.of(randomLogits(1, 3, 1))))
        .withMessage("the queue holds logits of 2 classes, these are of 3");
  }

  @Test
  void refuses_capacity_below_one() {
    String message = "queue capacity must be at least 1, was 0";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NegativeQueue.of(0, 2))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NegativeQueueSettings.ofDefaults().withCapacity(0))
        .withMessage(message);
  }

  @Test
  void refuses_no_classes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NegativeQueue.of(5, 0))
        .withMessage("classes must be at least 1, was 0");
  }

  @Test
  void refuses_more_numbers_than_an_array_holds() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NegativeQueue.of(3_000_000, 1000))
        .withMessage(
            "a queue of capacity 3000000 is too large for 1000 classes: at most 2147483 fit");
  }

  @Test
  void refuses_the_state_of_another_queue() {
    NegativeQueue queue = NegativeQueue.of(5, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> queue.restoreState(NegativeQueue.of(4, 2).captureState()))
        .withMessage("state is of a queue with capacity 4, this queue has capacity 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> queue.restoreState(NegativeQueue.of(5, 3).captureState()))
        .withMessage("state is of a queue with classes 3, this queue has classes 2");
  }

  @Test
  void refuses_a_state_with_missing_columns() {
    State damaged =
        State.builder()
            .put("capacity", 5)
            .put("classes", 2)
            .put("added", 3)
            .put("columns", new float[4])
            .build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NegativeQueue.of(5, 2).restoreState(damaged))
        .withMessage("state entry 'columns' has 4 numbers, expected 6");
  }

  private static Logits column(double... values) {
    double[][] rows = new double[values.length][1];
    for (int i = 0; i < values.length; i++) {
      rows[i][0] = values[i];
    }
    return Logits.of(rows);
  }

  private static void assertContent(NegativeQueue queue, double... expected) {
    Logits content = queue.logits();
    double[] found = new double[content.rows()];
    for (int i = 0; i < found.length; i++) {
      found[i] = content.get(i, 0);
    }
    assertThat(found).containsExactly(expected);
  }
}
