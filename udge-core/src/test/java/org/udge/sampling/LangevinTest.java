package org.udge.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LangevinTest {

  @Test
  void defaults_are_the_published_ones() {
    Langevin settings = Langevin.ofDefaults();
    assertThat(settings).isEqualTo(Langevin.ofSteps(20).withStepSize(1.0).withNoise(0.01));
    assertThat(settings.temperature(0)).isCloseTo(5e-5, within(1e-18));
    assertThat(settings.metropolis()).isFalse();
    assertThat(settings.gradientLimit()).isInfinite();
  }

  @Test
  void temperature_sets_the_noise_of_every_step() {
    Langevin settings =
        Langevin.ofSteps(5).withStepSize(Schedule.geometric(1, 0.01)).withTemperature(0.5);
    for (int k = 0; k < 5; k++) {
      assertThat(settings.temperature(k)).isCloseTo(0.5, within(1e-12));
    }
    assertThat(settings.noise().at(4, 5)).isCloseTo(0.1, within(1e-12));
  }

  @Test
  void schedules_reach_both_ends() {
    assertThat(Schedule.linear(2, 4).at(0, 3)).isEqualTo(2);
    assertThat(Schedule.linear(2, 4).at(1, 3)).isEqualTo(3);
    assertThat(Schedule.linear(2, 4).at(2, 3)).isEqualTo(4);
    assertThat(Schedule.geometric(1, 4).at(1, 3)).isCloseTo(2, within(1e-12));
    assertThat(Schedule.geometric(1, 4).at(0, 1)).isEqualTo(1);
  }

  @Test
  void copies_keep_all_other_settings() {
    Langevin all =
        Langevin.ofDefaults()
            .withSteps(3)
            .withStepSize(2)
            .withNoise(0.5)
            .withSampleBounds(-1, 1)
            .withGradientLimit(4)
            .withMetropolis(true);
    Langevin inOtherOrder =
        Langevin.ofSteps(7)
            .withMetropolis(true)
            .withGradientLimit(4)
            .withSampleBounds(-1, 1)
            .withNoise(Schedule.constant(0.5))
            .withStepSize(Schedule.constant(2))
            .withSteps(3);
    assertThat(all).isEqualTo(inOtherOrder).hasSameHashCodeAs(inOtherOrder);
    assertThat(all)
        .hasToString(
            "Langevin[steps=3, stepSize=Constant[value=2.0], noise=Constant[value=0.5],"
                + " lowest=-1.0, highest=1.0, gradientLimit=4.0, innerSteps=1, metropolis=true]");
    assertThat(all).isNotEqualTo(all.withGradientLimit(5)).isNotEqualTo(all.withMetropolis(false));
  }

  @Test
  void inner_steps_are_kept_by_copies() {
    Langevin inner = Langevin.ofSteps(10).withInnerSteps(5);
    assertThat(inner.innerSteps()).isEqualTo(5);
    assertThat(Langevin.ofDefaults().innerSteps()).isEqualTo(1);
    assertThat(
            inner
                .withSteps(3)
                .withStepSize(0.01)
                .withNoise(0)
                .withSampleBounds(-1, 1)
                .withGradientLimit(1)
                .withMetropolis(false)
                .innerSteps())
        .isEqualTo(5);
    assertThat(inner).isNotEqualTo(Langevin.ofSteps(10)).isEqualTo(inner.withInnerSteps(5));
  }

  @Test
  void refuses_no_inner_steps_and_inner_steps_with_the_correction() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Langevin.ofDefaults().withInnerSteps(0))
        .withMessage("inner steps must be at least 1, were 0");
    String message =
        "the Metropolis correction needs the gradient at every move: inner steps must be 1 with it,"
            + " were 2";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Langevin.ofDefaults().withMetropolis(true).withInnerSteps(2))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Langevin.ofDefaults().withInnerSteps(2).withMetropolis(true))
        .withMessage(message);
  }

  @Test
  void refuses_no_steps() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Langevin.ofSteps(0))
        .withMessage("steps must be at least 1, was 0");
  }

  @Test
  void refuses_a_step_size_of_zero() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Langevin.ofDefaults().withStepSize(0))
        .withMessage("step size must be finite and above 0, was 0.0 at step 0");
  }

  @Test
  void refuses_a_step_size_that_is_not_a_number() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Langevin.ofDefaults().withStepSize((k, n) -> k == 3 ? Double.NaN : 1))
        .withMessage("step size must be finite and above 0, was NaN at step 3");
  }

  @Test
  void refuses_negative_noise() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Langevin.ofDefaults().withNoise((k, n) -> -1))
        .withMessage("noise must be finite and not negative, was -1.0 at step 0");
  }

  @Test
  void refuses_the_correction_without_noise() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Langevin.ofDefaults().withNoise(0).withMetropolis(true))
        .withMessage("noise must be above 0 with the Metropolis correction, was 0.0 at step 0");
  }

  @Test
  void refuses_bounds_in_the_wrong_order() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Langevin.ofDefaults().withSampleBounds(1, -1))
        .withMessage("bounds of samples must be ascending, were 1.0 and -1.0");
  }

  @Test
  void refuses_a_gradient_limit_of_zero() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Langevin.ofDefaults().withGradientLimit(0))
        .withMessage("gradient limit must be above 0, was 0.0");
  }

  @Test
  void refuses_a_temperature_of_zero() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Langevin.ofDefaults().withTemperature(0))
        .withMessage("temperature must be finite and above 0, was 0.0");
  }

  @Test
  void refuses_schedules_that_are_negative_or_vanish() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedule.constant(-1))
        .withMessage("value must be finite and not negative, was -1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedule.linear(1, Double.POSITIVE_INFINITY))
        .withMessage("last must be finite and not negative, was Infinity");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedule.geometric(0, 1))
        .withMessage("first must be above 0, was 0.0");
  }
}
