package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.udge.loss.Remedy;

/**
 * Detects divergence of training with Langevin samples, and determines the reaction.
 *
 * <p>After each step the report is checked:
 *
 * <ul>
 *   <li>the loss and every value must be finite;
 *   <li>|loss| must be at most {@link #lossLimit}, by default 1e8 as in the published program;
 *   <li>|energy gap| of every sampled term (metric {@code energy_gap}: mean energy of samples minus
 *       that of data, in nats) must be at most {@link #gapLimit}, by default 1,000;
 *   <li>saturation of every sampled term (metric {@code sample_saturation}) must be at most {@link
 *       #saturationLimit}, by default 1, which is never exceeded. Set it only where samples are not
 *       clamped to the pixel range.
 * </ul>
 *
 * <p>If a condition is violated, and fewer than {@link #rollbacks} have happened, the run is rolled
 * back to the last good state with fresh randomness and continues with the next entry of the {@link
 * #policy} (the last entry is repeated). The default policy: first half the learning rate and twice
 * the Langevin steps; then an energy penalty of 0.1 and half the learning rate; then gradients of
 * samples clamped to 1, samples to [-1, 1], and half the learning rate.
 *
 * <p>Immutable and thread-safe. Settings with equal values are equal.
 */
public final class DivergenceGuard {

  private static final List<List<Remedy>> DEFAULT_POLICY =
      List.of(
          List.of(new Remedy.LowerRate(0.5), new Remedy.MoreSteps(2)),
          List.of(new Remedy.LowerRate(0.5), new Remedy.EnergyPenalty(0.1)),
          List.of(
              new Remedy.LowerRate(0.5),
              new Remedy.ClampGradients(1),
              new Remedy.ClampSamples(-1, 1)));

  /** The reaction to a step. */
  sealed interface Verdict {

    /** Continue: nothing is wrong. */
    record Proceed() implements Verdict {}

    /**
     * Roll back to the last good state and apply the event's remedies.
     *
     * @param event the divergence
     */
    record RollBack(DivergenceEvent event) implements Verdict {}

    /**
     * Give up: no rollback is left, training ends.
     *
     * @param event the divergence
     */
    record GiveUp(DivergenceEvent event) implements Verdict {}
  }

  private final double lossLimit;
  private final double gapLimit;
  private final double saturationLimit;
  private final int rollbacks;
  private final List<List<Remedy>> policy;

  private DivergenceGuard(
      double lossLimit,
      double gapLimit,
      double saturationLimit,
      int rollbacks,
      List<List<Remedy>> policy) {
    checkArgument(lossLimit > 0, "loss limit must be above 0, was %s", lossLimit);
    checkArgument(gapLimit > 0, "energy gap limit must be above 0, was %s", gapLimit);
    checkArgument(
        saturationLimit > 0 && saturationLimit <= 1,
        "saturation limit must be in (0, 1], was %s",
        saturationLimit);
    checkArgument(rollbacks >= 0, "rollbacks must not be negative, was %s", rollbacks);
    checkArgument(!policy.isEmpty(), "the policy must have at least one entry");
    this.lossLimit = lossLimit;
    this.gapLimit = gapLimit;
    this.saturationLimit = saturationLimit;
    this.rollbacks = rollbacks;
    this.policy = policy.stream().map(List::copyOf).toList();
  }

  /**
   * Returns the default settings: three rollbacks.
   *
   * @return the guard
   */
  public static DivergenceGuard ofDefaults() {
    return new DivergenceGuard(1e8, 1_000, 1, 3, DEFAULT_POLICY);
  }

  /**
   * Returns a copy of this guard with another limit of |loss|.
   *
   * @param limit the limit, above 0; default 1e8
   * @return a new guard
   */
  public DivergenceGuard withLossLimit(double limit) {
    return new DivergenceGuard(limit, gapLimit, saturationLimit, rollbacks, policy);
  }

  /**
   * Returns a copy of this guard with another limit of |energy gap|.
   *
   * @param limit the limit in nats, above 0; default 1,000
   * @return a new guard
   */
  public DivergenceGuard withGapLimit(double limit) {
    return new DivergenceGuard(lossLimit, limit, saturationLimit, rollbacks, policy);
  }

  /**
   * Returns a copy of this guard with another limit of saturation.
   *
   * @param limit the fraction of pixels, in (0, 1]; default 1
   * @return a new guard
   */
  public DivergenceGuard withSaturationLimit(double limit) {
    return new DivergenceGuard(lossLimit, gapLimit, limit, rollbacks, policy);
  }

  /**
   * Returns a copy of this guard with another number of rollbacks.
   *
   * @param count the number of rollbacks, not negative; default 3
   * @return a new guard
   */
  public DivergenceGuard withRollbacks(int count) {
    return new DivergenceGuard(lossLimit, gapLimit, saturationLimit, count, policy);
  }

  /**
   * Returns a copy of this guard with another policy.
   *
   * @param entries the changes at the first rollback, at the second, ...; an empty entry only rolls
   *     back
   * @return a new guard
   */
  public DivergenceGuard withPolicy(List<List<Remedy>> entries) {
    return new DivergenceGuard(lossLimit, gapLimit, saturationLimit, rollbacks, entries);
  }

  /**
   * Returns the limit of |loss|.
   *
   * @return the limit, above 0
   */
  public double lossLimit() {
    return lossLimit;
  }

  /**
   * Returns the limit of |energy gap|.
   *
   * @return the limit in nats, above 0
   */
  public double gapLimit() {
    return gapLimit;
  }

  /**
   * Returns the limit of the fraction of saturated pixels.
   *
   * @return the limit, in (0, 1]
   */
  public double saturationLimit() {
    return saturationLimit;
  }

  /**
   * Returns the number of rollbacks allowed in a run.
   *
   * @return not negative
   */
  public int rollbacks() {
    return rollbacks;
  }

  /**
   * Returns the changes at the first rollback, at the second, ...
   *
   * @return at least one entry
   */
  public List<List<Remedy>> policy() {
    return policy;
  }

  /**
   * Judges a step, for training loops that perform rollbacks themselves. {@link Trainer} does both.
   *
   * @param report the report of the step
   * @param rollbacksSoFar the number of rollbacks of this run so far, not negative
   * @return the divergence and the remedies to apply after rolling back; empty if nothing is wrong.
   *     No rollback is left if the event's number is above {@link #rollbacks()}
   */
  public Optional<DivergenceEvent> judge(StepReport report, int rollbacksSoFar) {
    return finding(report).map(finding -> event(finding, report.step(), rollbacksSoFar));
  }

  /**
   * Judges a step that could not be completed, or whose update produced a number that is not
   * finite.
   *
   * @param quantity the quantity that was not finite, for example the name of a term
   * @param step the number of the step, from 1
   * @param rollbacksSoFar the number of rollbacks of this run so far, not negative
   * @return the divergence and the remedies to apply after rolling back
   */
  public DivergenceEvent judgeNotFinite(String quantity, long step, int rollbacksSoFar) {
    return event(notFinite(quantity, Double.NaN), step, rollbacksSoFar);
  }

  /**
   * Judges a step.
   *
   * @param report the report of the step
   * @param rollbacksSoFar the number of rollbacks of this run so far, not negative
   * @return the reaction
   */
  Verdict inspect(StepReport report, int rollbacksSoFar) {
    return judge(report, rollbacksSoFar).map(this::verdict).orElseGet(Verdict.Proceed::new);
  }

  /**
   * Judges a step that could not be completed because a term was not a finite number.
   *
   * @param failure the exception thrown by the step
   * @param rollbacksSoFar the number of rollbacks of this run so far, not negative
   * @return the reaction
   */
  Verdict inspect(NonFiniteLossException failure, int rollbacksSoFar) {
    return verdict(judgeNotFinite(failure.term(), failure.step(), rollbacksSoFar));
  }

  private record Finding(
      DivergenceEvent.Cause cause, String quantity, double value, double limit) {}

  private static Finding notFinite(String quantity, double value) {
    return new Finding(DivergenceEvent.Cause.NOT_FINITE, quantity, value, Double.POSITIVE_INFINITY);
  }

  private DivergenceEvent event(Finding finding, long step, int rollbacksSoFar) {
    return new DivergenceEvent(
        step,
        finding.cause,
        finding.quantity,
        finding.value,
        finding.limit,
        rollbacksSoFar + 1,
        rollbacksSoFar >= rollbacks
            ? List.of()
            : policy.get(Math.min(rollbacksSoFar, policy.size() - 1)));
  }

  private Verdict verdict(DivergenceEvent event) {
    return event.rollback() > rollbacks ? new Verdict.GiveUp(event) : new Verdict.RollBack(event);
  }

  private Optional<Finding> finding(StepReport report) {
    List<Finding> findings = new ArrayList<>();
    check(findings, DivergenceEvent.Cause.LOSS, "loss", report.loss(), lossLimit);
    for (Map.Entry<String, Double> entry : report.values().entrySet()) {
      String name = entry.getKey();
      if (name.endsWith("/energy_gap")) {
        check(findings, DivergenceEvent.Cause.ENERGY_GAP, name, entry.getValue(), gapLimit);
      } else if (name.endsWith("/sample_saturation")) {
        check(findings, DivergenceEvent.Cause.SATURATION, name, entry.getValue(), saturationLimit);
      } else {
        check(
            findings,
            DivergenceEvent.Cause.NOT_FINITE,
            name,
            entry.getValue(),
            Double.POSITIVE_INFINITY);
      }
    }
    return findings.stream().findFirst();
  }

  private static void check(
      List<Finding> findings,
      DivergenceEvent.Cause cause,
      String quantity,
      double value,
      double limit) {
    if (!Double.isFinite(value)) {
      findings.add(notFinite(quantity, value));
    } else if (Math.abs(value) > limit) {
      findings.add(new Finding(cause, quantity, value, limit));
    }
  }

  private List<Object> settings() {
    return List.of(lossLimit, gapLimit, saturationLimit, rollbacks, policy);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DivergenceGuard that && settings().equals(that.settings());
  }

  @Override
  public int hashCode() {
    return settings().hashCode();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "DivergenceGuard[|loss| <= %s, |energy gap| <= %s, saturation <= %s, %d rollbacks, %s]",
        lossLimit,
        gapLimit,
        saturationLimit,
        rollbacks,
        policy);
  }
}
