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
  }
}
