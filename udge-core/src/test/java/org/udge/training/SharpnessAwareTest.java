package org.udge.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SharpnessAwareTest {

  @Test
  void climbs_by_the_radius_along_the_gradient_and_returns_to_the_bit() {
    INDArray parameters = Nd4j.createFromArray(0.1f, -0.7f, 1e-6f).reshape(1, 3);
    INDArray before = parameters.dup();
    INDArray gradient = Nd4j.createFromArray(3f, 0f, -4f).reshape(1, 3);
    try (SharpnessAware.Climb climb = new SharpnessAware(0.5).climb(parameters, gradient)) {
      assertThat(climb).isNotNull();
      assertThat(parameters.toFloatVector())
          .usingComparatorWithPrecision(1e-6f)
          .containsExactly(0.4f, -0.7f, -0.399999f);
      assertThat(parameters.distance2(before)).isCloseTo(0.5, within(1e-6));
    }
    assertThat(parameters.toFloatVector()).isEqualTo(before.toFloatVector());
  }

  @Test
  void stays_where_the_gradient_gives_no_direction() {
    for (float bad : new float[] {0, Float.NaN, Float.POSITIVE_INFINITY}) {
      INDArray parameters = Nd4j.createFromArray(1f, 2f);
      try (SharpnessAware.Climb climb =
          new SharpnessAware(0.5).climb(parameters, Nd4j.createFromArray(0f, bad))) {
        assertThat(climb).isNotNull();
        assertThat(parameters.toFloatVector()).containsExactly(1, 2);
      }
    }
  }

  @Test
  void refuses_a_radius_of_zero() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SharpnessAware(0))
        .withMessage("radius must be finite and above 0, was 0.0");
  }

  @Test
  void refuses_another_number_of_gradients() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new SharpnessAware(1).climb(Nd4j.createFromArray(1f, 2f), Nd4j.createFromArray(1f)))
        .withMessage("there are 2 parameters, but 1 gradients");
  }
}
