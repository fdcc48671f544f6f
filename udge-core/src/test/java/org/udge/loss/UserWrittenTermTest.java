package org.udge.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.udge.loss.LossFixtures.randomLabels;
import static org.udge.loss.LossFixtures.randomLogits;
import static org.udge.loss.LossFixtures.setup;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.udge.engine.Logits;

/** A term of a user's own, as the guide shows it. */
class UserWrittenTermTest {

  // tag::term[]
  /** Keeps energies near zero: mean of E(x)^2 over the batch, where E(x) = -logsumexp f(x). */
  record SmallEnergies() implements LossTerm {

    @Override
    public String name() {
      return "small_energies";
    }

    @Override
    public Set<ImageGroup> groups() {
      return Set.of(ImageGroup.LABELED);
    }

    @Override
    public LossFunction begin(LossSetup setup) {
      return input -> {
        Logits logits = input.logits(ImageGroup.LABELED);
        int n = logits.rows();
        double sum = 0;
        double[][] gradient = new double[n][];
        for (int i = 0; i < n; i++) {
          double logSum = logits.logSumExp(i);
          sum += logSum * logSum;
          gradient[i] = logits.probabilities(i);
          for (int c = 0; c < gradient[i].length; c++) {
            gradient[i][c] *= 2 * logSum / n;
          }
        }
        return LossValue.of(sum / n).withGradient(ImageGroup.LABELED, gradient);
      };
    }
  }

  // end::term[]

  @Test
  void gradient_agrees_with_finite_differences() {
    LossGradientCheck.of(new SmallEnergies().begin(setup(5)))
        .group(ImageGroup.LABELED, randomLogits(3, 5, 1), randomLabels(3, 5, 1))
        .passes(1e-8);
  }

  @Test
  void term_without_memory_has_nothing_to_save() {
    LossFunction function = new SmallEnergies().begin(setup(5));
    LossInput step = LossFixtures.step(randomLogits(3, 5, 1), 0, 1, 2);
    double value = function.evaluate(step).value();
    function.remember(step);
    function.restoreState(function.captureState());
    assertThat(function.evaluate(step).value()).isEqualTo(value);
  }
}
