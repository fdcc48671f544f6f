package org.udge.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.udge.Provenance;
import org.udge.loss.Remedy;
import org.udge.training.DivergenceEvent.Cause;
import org.udge.training.DivergenceGuard.Verdict;

class DivergenceGuardTest {

  private static final DivergenceGuard GUARD = DivergenceGuard.ofDefaults();

  private static final TrainingResult RESULT =
      new TrainingResult(
          StopReason.DIVERGED,
          List.of(),
          OptionalLong.empty(),
          0,
          0,
          0,
          "1.0 cross_entropy",
          1,
          List.of(),
          new Provenance(Map.of()));

  private static StepReport report(double loss, Map<String, Double> values) {
    return new StepReport(7, 0, 1e-3, loss, values, 64);
  }

  private static DivergenceEvent rolledBack(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Verdict.RollBack.class);
    return ((Verdict.RollBack) verdict).event();
  }

  private static DivergenceEvent givenUp(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Verdict.GiveUp.class);
    return ((Verdict.GiveUp) verdict).event();
  }

  @Test
  void proceeds_while_nothing_is_wrong() {
    Map<String, Double> values =
        Map.of("marginal_sgld/energy_gap", -999.0, "marginal_sgld/sample_saturation", 1.0);
    assertThat(GUARD.inspect(report(-1e8, values), 0)).isEqualTo(new Verdict.Proceed());
  }

  @Test
  void a_loss_that_is_not_a_number_is_divergence() {
    DivergenceEvent event = rolledBack(GUARD.inspect(report(Double.NaN, Map.of()), 0));
    assertThat(event.cause()).isEqualTo(Cause.NOT_FINITE);
    assertThat(event.quantity()).isEqualTo("loss");
    assertThat(event.step()).isEqualTo(7);
    assertThat(event.rollback()).isEqualTo(1);
  }

  @Test
  void any_infinite_value_is_divergence() {
    DivergenceEvent event =
        rolledBack(GUARD.inspect(report(1, Map.of("cross_entropy", Double.NEGATIVE_INFINITY)), 0));
    assertThat(event.cause()).isEqualTo(Cause.NOT_FINITE);
    assertThat(event.quantity()).isEqualTo("cross_entropy");
    assertThat(event)
        .hasToString(
            "step 7: cross_entropy was -Infinity; rolled back, "
                + "[learning rate x 0.5, Langevin steps x 2.0]");
  }

  @Test
  void a_step_that_threw_is_divergence() {
    DivergenceEvent event =
        rolledBack(GUARD.inspect(new NonFiniteLossException("marginal_sgld", 9, Double.NaN), 1));
    assertThat(event.cause()).isEqualTo(Cause.NOT_FINITE);
    assertThat(event.quantity()).isEqualTo("marginal_sgld");
    assertThat(event.step()).isEqualTo(9);
    assertThat(event.rollback()).isEqualTo(2);
  }

  @Test
  void a_large_loss_of_either_sign_is_divergence() {
    DivergenceEvent event = rolledBack(GUARD.inspect(report(-1.1e8, Map.of()), 0));
    assertThat(event.cause()).isEqualTo(Cause.LOSS);
    assertThat(event.value()).isEqualTo(-1.1e8);
    assertThat(event.limit()).isEqualTo(1e8);
    assertThat(GUARD.withLossLimit(2e8).inspect(report(-1.1e8, Map.of()), 0))
        .isEqualTo(new Verdict.Proceed());
  }

  @Test
  void a_wide_energy_gap_is_divergence() {
    StepReport report = report(1, Map.of("conditional_sgld/energy_gap", -60.0));
    DivergenceEvent event = rolledBack(GUARD.withGapLimit(50).inspect(report, 0));
    assertThat(event.cause()).isEqualTo(Cause.ENERGY_GAP);
    assertThat(event.quantity()).isEqualTo("conditional_sgld/energy_gap");
  }

  @Test
  void saturated_samples_are_divergence_where_asked_for() {
    StepReport report = report(1, Map.of("marginal_sgld/sample_saturation", 0.95));
    assertThat(GUARD.inspect(report, 0)).isEqualTo(new Verdict.Proceed());
    assertThat(rolledBack(GUARD.withSaturationLimit(0.9).inspect(report, 0)).cause())
        .isEqualTo(Cause.SATURATION);
  }

  @Test
  void each_rollback_applies_the_next_entry_of_the_policy_and_then_the_last_again() {
    List<List<Remedy>> policy =
        List.of(List.of(new Remedy.MoreSteps(2)), List.of(new Remedy.EnergyPenalty(0.1)));
    DivergenceGuard guard = GUARD.withPolicy(policy).withRollbacks(3);
    StepReport bad = report(Double.NaN, Map.of());
    assertThat(rolledBack(guard.inspect(bad, 0)).remedies()).isEqualTo(policy.get(0));
    assertThat(rolledBack(guard.inspect(bad, 1)).remedies()).isEqualTo(policy.get(1));
    assertThat(rolledBack(guard.inspect(bad, 2)).remedies()).isEqualTo(policy.get(1));
    assertThat(givenUp(guard.inspect(bad, 3)).remedies()).isEmpty();
  }

  @Test
  void the_error_says_what_happened_what_was_tried_and_what_else_may_help() {
    DivergenceGuard guard = GUARD.withRollbacks(1).withGapLimit(50);
    StepReport bad = report(1, Map.of("marginal_sgld/energy_gap", 60.0));
    DivergenceEvent first = rolledBack(guard.inspect(bad, 0));
    DivergenceEvent last = givenUp(guard.inspect(bad, 1));
    DivergenceException error = new DivergenceException(List.of(first, last), RESULT);
    assertThat(error)
        .hasMessage(
            "training diverged again after 1 rollback: step 7: marginal_sgld/energy_gap was 60.00,"
                + " limit 50.00; rolled back, [learning rate x 0.5, Langevin steps x 2.0]; step 7:"
                + " marginal_sgld/energy_gap was 60.00, limit 50.00. Try what the guard has not:"
                + " more Langevin steps from the start, a lower learning rate, or a larger energy"
                + " penalty.");
    assertThat(error.events()).containsExactly(first, last);
    assertThat(error.result()).isSameAs(RESULT);
  }

  @Test
  void equal_settings_are_equal() {
    assertThat(GUARD.withGapLimit(50)).isEqualTo(DivergenceGuard.ofDefaults().withGapLimit(50));
    assertThat(GUARD.withGapLimit(50)).hasSameHashCodeAs(GUARD.withGapLimit(50));
    assertThat(GUARD.withGapLimit(50)).isNotEqualTo(GUARD);
    assertThat(GUARD.withGapLimit(50).withRollbacks(1).gapLimit()).isEqualTo(50);
  }

  @Test
  void refuses_bad_settings() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GUARD.withLossLimit(0))
        .withMessage("loss limit must be above 0, was 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GUARD.withGapLimit(-1))
        .withMessage("energy gap limit must be above 0, was -1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GUARD.withSaturationLimit(1.5))
        .withMessage("saturation limit must be in (0, 1], was 1.5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GUARD.withRollbacks(-1))
        .withMessage("rollbacks must not be negative, was -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GUARD.withPolicy(List.of()))
        .withMessage("the policy must have at least one entry");
  }
}
