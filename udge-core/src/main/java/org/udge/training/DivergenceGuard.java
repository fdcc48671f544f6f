package org.udge.training;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.udge.loss.Remedy;

/**
 * Decides when training with Langevin samples has diverged, and what to do then.
 *
 * <p>After each step, {@link #inspect} looks at the step's report:
 *
 * <ul>
 *   <li>the loss and every value must be finite;
 *   <li>|loss| must be at most {@link #lossLimit}, by default 1e8 as in the published program;
 *   <li>|energy gap| of every sampled term (metric {@code energy_gap}: mean energy of samples minus
 *       that of data, in nats) must be at most {@link #gapLimit}, by default 1,000;
 *   <li>saturation of every sampled term (metric {@code sample_saturation}) must be at most {@link
 *       #saturationLimit}, by default 1: never too high. Set it only where samples are not clamped
 *       to the range of images.
 * </ul>
 *
 * <p>If not, and as long as fewer than {@link #rollbacks} happened, the verdict is to roll back to
 * the last good state with fresh randomness and to apply the next entry of the {@link #policy}
 * (after the last one, the last again). The default policy: first half the learning rate and twice
 * the Langevin steps; then an energy penalty of 0.1 and half the learning rate; then gradients of
 * samples clamped to 1, samples to [-1, 1], and half the learning rate.
 *
 * <p>To carry out a {@linkplain Verdict.RollBack rollback}: restore the snapshot, apply each remedy
 * ({@link org.udge.loss.SamplingLoss#adjust} and, for {@link Remedy.LowerRate}, the learning rate),
 * take a new snapshot so that the next rollback keeps the remedies, and go on with {@code
 * streams.child("rollback " + n)}.
 *
 * <p>Pure: a verdict depends on the arguments alone. Immutable and thread-safe.
 *
 * @param lossLimit what |loss| may be at most
 * @param gapLimit what |energy gap| may be at most, in nats
 * @param saturationLimit what the share of saturated pixels may be at most
 * @param rollbacks how many rollbacks a run may have
 * @param policy what to change at the first rollback, at the second, ...
 */
public record DivergenceGuard(
    double lossLimit,
    double gapLimit,
    double saturationLimit,
    int rollbacks,
    List<List<Remedy>> policy) {

  private static final List<List<Remedy>> DEFAULT_POLICY =
      List.of(
          List.of(new Remedy.LowerRate(0.5), new Remedy.MoreSteps(2)),
          List.of(new Remedy.LowerRate(0.5), new Remedy.EnergyPenalty(0.1)),
          List.of(
              new Remedy.LowerRate(0.5),
              new Remedy.ClampGradients(1),
              new Remedy.ClampSamples(-1, 1)));

  /** What to do after a step. */
  public sealed interface Verdict {

    /** Nothing is wrong. */
    record Proceed() implements Verdict {}

    /**
     * Roll back to the last good state and apply the event's remedies.
     *
     * @param event what happened
     */
    record RollBack(DivergenceEvent event) implements Verdict {}

    /**
     * No rollback is left: end training with {@link DivergenceGuard#failure}.
     *
     * @param event what happened
     */
    record GiveUp(DivergenceEvent event) implements Verdict {}
  }

  /**
   * Checks the settings.
   *
   * @param lossLimit what |loss| may be at most, above 0
   * @param gapLimit what |energy gap| may be at most, above 0
   * @param saturationLimit what the share of saturated pixels may be at most, in (0, 1]
   * @param rollbacks how many rollbacks a run may have, not negative
   * @param policy what to change at each rollback, at least one entry
   * @throws IllegalArgumentException if a setting is out of range
   */
  public DivergenceGuard {
    checkArgument(lossLimit > 0, "loss limit must be above 0, was %s", lossLimit);
    checkArgument(gapLimit > 0, "energy gap limit must be above 0, was %s", gapLimit);
    checkArgument(
        saturationLimit > 0 && saturationLimit <= 1,
        "saturation limit must be in (0, 1], was %s",
        saturationLimit);
    checkArgument(rollbacks >= 0, "rollbacks must not be negative, was %s", rollbacks);
    policy = policy.stream().map(List::copyOf).toList();
    checkArgument(!policy.isEmpty(), "the policy must have at least one entry");
  }

  /**
   * The default settings: three rollbacks.
   *
   * @return the guard
   */
  public static DivergenceGuard ofDefaults() {
    return new DivergenceGuard(1e8, 1_000, 1, 3, DEFAULT_POLICY);
  }

  /**
   * This guard with another limit of |loss|.
   *
   * @param limit above 0; default 1e8
   * @return a new guard
   */
  public DivergenceGuard lossLimit(double limit) {
    return new DivergenceGuard(limit, gapLimit, saturationLimit, rollbacks, policy);
  }

  /**
   * This guard with another limit of |energy gap|.
   *
   * @param limit in nats, above 0; default 1,000
   * @return a new guard
   */
  public DivergenceGuard gapLimit(double limit) {
    return new DivergenceGuard(lossLimit, limit, saturationLimit, rollbacks, policy);
  }

  /**
   * This guard with another limit of saturation.
   *
   * @param limit share of pixels, in (0, 1]; default 1
   * @return a new guard
   */
  public DivergenceGuard saturationLimit(double limit) {
    return new DivergenceGuard(lossLimit, gapLimit, limit, rollbacks, policy);
  }

  /**
   * This guard with another number of rollbacks.
   *
   * @param count not negative; default 3
   * @return a new guard
   */
  public DivergenceGuard rollbacks(int count) {
    return new DivergenceGuard(lossLimit, gapLimit, saturationLimit, count, policy);
  }

  /**
   * This guard with another policy.
   *
   * @param entries what to change at the first rollback, at the second, ...; an empty entry only
   *     rolls back
   * @return a new guard
   */
  public DivergenceGuard policy(List<List<Remedy>> entries) {
    return new DivergenceGuard(lossLimit, gapLimit, saturationLimit, rollbacks, entries);
  }

  /**
   * Judges a step.
   *
   * @param report what the step did
   * @param rollbacksSoFar how often this run was rolled back, not negative
   * @return what to do
   */
  public Verdict inspect(StepReport report, int rollbacksSoFar) {
    Optional<Finding> finding = finding(report);
    return finding.isEmpty()
        ? new Verdict.Proceed()
        : verdict(finding.get(), report.step(), rollbacksSoFar);
  }

  /**
   * Judges a step that could not be done because a term was not a finite number.
   *
   * @param failure what the step threw
   * @param rollbacksSoFar how often this run was rolled back, not negative
   * @return what to do
   */
  public Verdict inspect(NonFiniteLossException failure, int rollbacksSoFar) {
    return verdict(notFinite(failure.term(), Double.NaN), failure.step(), rollbacksSoFar);
  }

  /**
   * The error to end training with.
   *
   * @param events of every rollback and of giving up, in order
   * @return an exception whose message says what happened, what was tried, and what else may help
   */
  public DivergenceException failure(List<DivergenceEvent> events) {
    checkArgument(!events.isEmpty(), "there must be an event");
    return new DivergenceException(events);
  }

  private record Finding(
      DivergenceEvent.Cause cause, String quantity, double value, double limit) {}

  private static Finding notFinite(String quantity, double value) {
    return new Finding(DivergenceEvent.Cause.NOT_FINITE, quantity, value, Double.POSITIVE_INFINITY);
  }

  private Verdict verdict(Finding finding, long step, int rollbacksSoFar) {
    checkArgument(rollbacksSoFar >= 0, "rollbacks must not be negative, was %s", rollbacksSoFar);
    boolean last = rollbacksSoFar >= rollbacks;
    DivergenceEvent event =
        new DivergenceEvent(
            step,
            finding.cause,
            finding.quantity,
            finding.value,
            finding.limit,
            rollbacksSoFar + 1,
            last ? List.of() : policy.get(Math.min(rollbacksSoFar, policy.size() - 1)));
    return last ? new Verdict.GiveUp(event) : new Verdict.RollBack(event);
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
}
