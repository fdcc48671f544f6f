package org.udge.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateTest {

  @Test
  void warms_up_linearly() {
    LearningRate rate = LearningRate.constant(0.1).withWarmUp(4);
    assertThat(rate.at(0, 0)).isCloseTo(0.025, within(1e-12));
    assertThat(rate.at(3, 0)).isCloseTo(0.1, within(1e-12));
    assertThat(rate.at(100, 0)).isEqualTo(0.1);
  }

  @Test
  void the_published_warm_up_begins_at_zero() {
    LearningRate rate = LearningRate.constant(0.1).withWarmUp(4);
    assertThat(rate.at(0, 0, true)).isZero();
    assertThat(rate.at(2, 0, true)).isCloseTo(0.05, within(1e-12));
    assertThat(rate.at(4, 0, true)).isEqualTo(0.1);
  }

  @Test
  void decays_at_epochs_whatever_epoch_training_was_resumed_at() {
    LearningRate rate = LearningRate.constant(1).withDecay(0.3, 160, 180);
    assertThat(rate.at(9, 159)).isEqualTo(1);
    assertThat(rate.at(9, 160)).isEqualTo(0.3);
    assertThat(rate.at(9, 170)).isEqualTo(0.3);
    assertThat(rate.at(9, 180)).isCloseTo(0.09, within(1e-12));
  }

  @Test
  void a_cosine_falls_from_the_rate_to_the_floor() {
    LearningRate rate = LearningRate.cosine(0.2, 100);
    assertThat(rate.at(0, 0)).isEqualTo(0.2);
    assertThat(rate.at(25, 0)).isCloseTo(0.2 * (1 + Math.sqrt(0.5)) / 2, within(1e-12));
    assertThat(rate.at(50, 0)).isCloseTo(0.1, within(1e-12));
    assertThat(rate.at(99, 0)).isCloseTo(4.9343963426846866e-05, within(1e-15));
    assertThat(rate.at(100, 0)).isZero();
    assertThat(rate.at(1_000, 0)).isZero();
    LearningRate floored = rate.withFloor(0.02);
    assertThat(floored.at(50, 0)).isCloseTo(0.11, within(1e-12));
    assertThat(floored.at(1_000, 0)).isEqualTo(0.02);
  }

  @Test
  void a_cosine_begins_after_its_warm_up() {
    LearningRate rate = LearningRate.cosine(0.2, 100).withWarmUp(20);
    assertThat(rate.at(0, 0)).isCloseTo(0.01, within(1e-12));
    assertThat(rate.at(0, 0, true)).isZero();
    assertThat(rate.at(19, 0)).isCloseTo(0.2, within(1e-12));
    assertThat(rate.at(20, 0)).isEqualTo(0.2);
    assertThat(rate.at(60, 0)).isCloseTo(0.1, within(1e-12));
    assertThat(rate.at(100, 0)).isZero();
  }

  /**
   * Worked out in float64: for t below .3 T - 1 = 29, .004 + (.1 - .004) (1 - cos(pi t / 29)) / 2,
   * then 4e-7 + (.1 - 4e-7) (1 + cos(pi (t - 29) / 70)) / 2.
   */
  @Test
  void one_cycle_rises_and_falls_as_that_of_pytorch() {
    LearningRate rate = LearningRate.oneCycle(0.1, 100);
    assertThat(rate.at(0, 0)).isCloseTo(0.004, within(1e-12));
    assertThat(rate.at(10, 0)).isCloseTo(0.029516394846410072, within(1e-12));
    assertThat(rate.at(29, 0)).isCloseTo(0.1, within(1e-12));
    assertThat(rate.at(64, 0)).isCloseTo(0.0500002, within(1e-12));
    assertThat(rate.at(80, 0)).isCloseTo(0.017103395290759563, within(1e-12));
    assertThat(rate.at(99, 0)).isCloseTo(4e-7, within(1e-15));
    assertThat(rate.at(500, 0)).isCloseTo(4e-7, within(1e-15));
  }

  @Test
  void the_warm_up_of_one_cycle_is_its_rise() {
    LearningRate rate = LearningRate.oneCycle(0.1, 100).withWarmUp(11);
    assertThat(rate.at(0, 0)).isCloseTo(0.004, within(1e-12));
    assertThat(rate.at(5, 0)).isCloseTo(0.052, within(1e-12));
    assertThat(rate.at(10, 0)).isCloseTo(0.1, within(1e-12));
    assertThat(rate.at(99, 0)).isCloseTo(4e-7, within(1e-15));
  }

  @Test
  void a_cycle_of_one_update_is_at_its_top() {
    assertThat(LearningRate.oneCycle(0.1, 1).at(0, 0)).isEqualTo(0.1);
  }

  @Test
  void steps_decay_a_cosine_too() {
    LearningRate rate = LearningRate.cosine(0.2, 100).withDecay(0.5, 2);
    assertThat(rate.at(50, 1)).isCloseTo(0.1, within(1e-12));
    assertThat(rate.at(50, 2)).isCloseTo(0.05, within(1e-12));
  }

  @Test
  void refuses_schedules_without_room() {
    assertThatThrownBy(() -> LearningRate.cosine(0.1, 0))
        .hasMessage("a schedule must have at least 1 update, had 0");
    assertThatThrownBy(() -> LearningRate.cosine(-1, 5))
        .hasMessage("learning rate must be positive, was -1.0");
    assertThatThrownBy(() -> LearningRate.oneCycle(0.1, 10).withWarmUp(10))
        .hasMessage("a schedule of 10 updates has no room for 10 of warm-up");
    assertThatThrownBy(() -> LearningRate.cosine(0.1, 10).withFloor(0.2))
        .hasMessage("the floor must be from 0 to 0.1, was 0.2");
    assertThatThrownBy(() -> LearningRate.constant(0.1).withFloor(0.01))
        .hasMessage(
            "only a cosine has a floor, this is LearningRate[0.1, warm-up 0, x 1.0 at epochs []]");
  }

  @Test
  void refuses_bad_settings() {
    assertThatThrownBy(() -> LearningRate.constant(0))
        .hasMessage("learning rate must be positive, was 0.0");
    assertThatThrownBy(() -> LearningRate.constant(1).withWarmUp(-1))
        .hasMessageContaining("were -1");
    assertThatThrownBy(() -> LearningRate.constant(1).withDecay(0, 1))
        .hasMessage("decay factor must be positive, was 0.0");
  }

  @Test
  void equal_schedules_are_equal() {
    LearningRate rate = LearningRate.constant(0.1).withWarmUp(4).withDecay(0.3, 5);
    assertThat(LearningRate.constant(0.1).withDecay(0.3, 5).withWarmUp(4))
        .isEqualTo(rate)
        .hasSameHashCodeAs(rate);
    assertThat(rate).isNotEqualTo(rate.withDecay(0.3, 6));
    assertThat(rate).hasToString("LearningRate[0.1, warm-up 4, x 0.3 at epochs [5]]");
    assertThat(LearningRate.cosine(0.1, 9))
        .isEqualTo(LearningRate.cosine(0.1, 9))
        .isNotEqualTo(LearningRate.oneCycle(0.1, 9))
        .isNotEqualTo(LearningRate.cosine(0.1, 8))
        .hasToString("LearningRate[0.1, cosine to 0.0 in 9, warm-up 0, x 1.0 at epochs []]");
    assertThat(LearningRate.oneCycle(0.1, 9))
        .hasToString("LearningRate[0.1, one cycle of 9, warm-up 0, x 1.0 at epochs []]");
  }
}
