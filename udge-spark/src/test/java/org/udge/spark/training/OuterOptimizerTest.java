package org.udge.spark.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class OuterOptimizerTest {

  private static final BitSet NONE = new BitSet();

  @Test
  void averaging_takes_the_mean_as_it_is() {
    float[] mean = {1, 2};
    OuterOptimizer.Step step =
        OuterOptimizer.averaging().step(new float[] {5, 5}, mean, new float[0], NONE);
    assertThat(step.parameters()).isEqualTo(mean);
    assertThat(step.velocity()).isEmpty();
  }

  /** PyTorch's SGD(lr=.7, momentum=.9, nesterov=True) with gradients 1 and then .5. */
  @Test
  void nesterov_is_worked_out_by_hand() {
    OuterOptimizer nesterov = OuterOptimizer.nesterov();
    OuterOptimizer.Step first =
        nesterov.step(new float[] {3}, new float[] {2}, nesterov.start(1), NONE);
    // v = 1; p = 3 - .7 (1 + .9)
    assertThat(first.velocity()[0]).isEqualTo(1);
    assertThat(first.parameters()[0]).isCloseTo(1.67f, within(1e-6f));
    OuterOptimizer.Step second =
        nesterov.step(first.parameters(), new float[] {1.17f}, first.velocity(), NONE);
    // v = .9 + .5; p = 1.67 - .7 (.5 + .9 1.4)
    assertThat(second.velocity()[0]).isCloseTo(1.4f, within(1e-6f));
    assertThat(second.parameters()[0]).isCloseTo(0.438f, within(1e-6f));
  }

  @Test
  void running_statistics_are_averaged_whatever_the_momentum() {
    BitSet untrained = new BitSet();
    untrained.set(1);
    OuterOptimizer.Step step =
        OuterOptimizer.nesterov()
            .step(new float[] {3, 3}, new float[] {2, 2}, new float[] {1, 1}, untrained);
    assertThat(step.parameters()[1]).isEqualTo(2);
    assertThat(step.velocity()[1]).isEqualTo(1);
    assertThat(step.parameters()[0]).isNotEqualTo(2);
  }

  @Test
  void means_are_sums_in_float64_in_the_order_of_the_workers() {
    float[] large = {1e8f};
    float[] one = {1};
    float[] minus = {-1e8f};
    assertThat(ParameterMean.of(List.of(large, one, minus))).containsExactly(1 / 3f);
    assertThat(ParameterMean.of(List.of(one))).isSameAs(one);
  }

  @Test
  void settings_out_of_range_are_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OuterOptimizer.averaging().withRate(0))
        .withMessage("outer rate must be above 0 and finite, was 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OuterOptimizer.nesterov().withMomentum(1))
        .withMessage("outer momentum must be in [0, 1), was 1.0");
    assertThat(OuterOptimizer.nesterov())
        .isEqualTo(OuterOptimizer.averaging().withRate(.7).withMomentum(.9))
        .hasToString("Nesterov[rate 0.7, momentum 0.9]");
    assertThat(OuterOptimizer.averaging()).hasToString("averaging");
  }
}
