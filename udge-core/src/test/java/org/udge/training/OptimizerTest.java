package org.udge.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.udge.loss.CrossEntropy;

class OptimizerTest {

  @Test
  void copies_keep_what_was_set_before() {
    assertThat(
            Optimizer.adam().withWeightDecay(0.1).withBetas(0.5, 0.9).withEpsilon(1e-6).toString())
        .isEqualTo("Adam[betas 0.5 and 0.9, epsilon 1.0E-6, weight decay 0.1]");
    assertThat(Optimizer.sgd().withWeightDecay(0.1).withMomentum(0.9).toString())
        .isEqualTo("Sgd[momentum 0.9, weight decay 0.1]");
  }

  @Test
  void equal_settings_are_equal() {
    assertThat(Optimizer.adam().withWeightDecay(0)).isEqualTo(Optimizer.adam());
    assertThat(Optimizer.adam()).hasSameHashCodeAs(Optimizer.adam());
    assertThat(Optimizer.adam().withEpsilon(1e-7)).isNotEqualTo(Optimizer.adam());
    assertThat(Optimizer.sgd().withMomentum(0.9))
        .isEqualTo(Optimizer.sgd().withMomentum(0.9))
        .hasSameHashCodeAs(Optimizer.sgd().withMomentum(0.9))
        .isNotEqualTo(Optimizer.sgd());
    assertThat(Objective.of(2, CrossEntropy.ofDefaults()))
        .isEqualTo(Objective.of(2, CrossEntropy.ofDefaults()))
        .hasSameHashCodeAs(Objective.of(2, CrossEntropy.ofDefaults()))
        .isNotEqualTo(Objective.of(CrossEntropy.ofDefaults()));
  }

  @Test
  void refuses_settings_out_of_range() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Optimizer.adam().withBetas(1, 0.9))
        .withMessage("beta1 must be in [0, 1), was 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Optimizer.adam().withBetas(0, -0.1))
        .withMessage("beta2 must be in [0, 1), was -0.1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Optimizer.adam().withEpsilon(0))
        .withMessage("epsilon must be positive, was 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Optimizer.adam().withWeightDecay(-1))
        .withMessage("weight decay must be finite and not negative, was -1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Optimizer.sgd().withMomentum(1))
        .withMessage("momentum must be in [0, 1), was 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Optimizer.sgd().withWeightDecay(Double.POSITIVE_INFINITY))
        .withMessage("weight decay must be finite and not negative, was Infinity");
  }
}
