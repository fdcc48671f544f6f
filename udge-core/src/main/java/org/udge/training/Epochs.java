package org.udge.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.udge.state.State;
import org.udge.state.Stateful;

/**
 * The epochs of a run: the means over the current one, the reports of those completed, and the best
 * of them.
 *
 * <p>When a run ends in the middle of an epoch, or after an epoch that {@code validateEvery} skips,
 * it makes an additional report and validation. That closing report is part of the result only and
 * not of the state, so that a longer run resumed from there reports the same as an uninterrupted
 * one.
 */
final class Epochs implements Stateful {

  private final Optional<Validator> validator;
  private final int validateEvery;
  private final String bestBy;
  private final Supplier<float[]> parameters;

  private final Clock clock = new Clock();
  private StepMeans means = new StepMeans();
  private final List<EpochReport> inTurn = new ArrayList<>();
  private Optional<BestEpoch> best = Optional.empty();

  private Optional<EpochReport> closing = Optional.empty();
  private Optional<BestEpoch> closingBest = Optional.empty();

  /**
   * Creates the epochs of a new run.
   *
   * @param validateEvery the number of epochs between regular validations
   * @param bestBy the key of the metric that determines the best epoch
   * @param parameters copies the model's parameters
   */
  Epochs(
      Optional<Validator> validator,
      int validateEvery,
      String bestBy,
      Supplier<float[]> parameters) {
    this.validator = validator;
    this.validateEvery = validateEvery;
    this.bestBy = bestBy;
    this.parameters = parameters;
  }

  /**
   * Called when a run begins or is resumed.
   *
   * @param goesOn whether steps remain: the closing report of an earlier end is then discarded
   */
  void start(boolean goesOn) {
    if (goesOn) {
      closing = Optional.empty();
      closingBest = Optional.empty();
    }
    clock.start();
  }

  void stop() {
    clock.stop();
  }

  void add(StepReport report) {
    means.add(report);
  }

  /** Returns whether steps were done since the last regular report. */
  boolean isUnderWay() {
    return means.count() > 0;
  }

  /**
   * Reports an epoch whose steps are all done.
   *
   * @param last whether it is the last epoch of the run
   */
  EpochReport finish(long epoch, long steps, boolean last) {
    EpochReport report = report(epoch, steps);
    means = new StepMeans();
    boolean turn = (epoch + 1) % validateEvery == 0;
    if (turn) {
      report = validated(report);
      best = better(report, best);
    }
    report = report.withSeconds(clock.seconds());
    inTurn.add(report);
    clock.set(0);
    return turn || !last ? report : close(report);
  }

  /**
   * Ends a run irregularly: reports the current epoch, or validates the last completed one, if
   * there is anything to add.
   */
  Optional<EpochReport> finishEarly(long epoch, long steps) {
    if (closing.isPresent()) {
      return Optional.empty();
    }
    if (isUnderWay()) {
      return Optional.of(close(report(epoch, steps).withSeconds(clock.seconds())));
    }
    return inTurn.isEmpty() || validator.isEmpty() || last().validation().isPresent()
        ? Optional.empty()
        : Optional.of(close(last()));
  }

  private EpochReport last() {
    return inTurn.get(inTurn.size() - 1);
  }

  private EpochReport close(EpochReport report) {
    EpochReport validated = validated(report);
    closing = Optional.of(validated);
    closingBest = better(validated, best);
    return validated;
  }

  private EpochReport report(long epoch, long steps) {
    return new EpochReport(epoch, steps, means.loss(), means.values(), Optional.empty(), 0);
  }

  private EpochReport validated(EpochReport report) {
    return report.withValidation(validator.map(Validator::validate));
  }

  private Optional<BestEpoch> better(EpochReport report, Optional<BestEpoch> before) {
    return BestEpoch.better(report, before, bestBy, parameters);
  }

  /** Returns all reports, including the closing one. */
  List<EpochReport> history() {
    List<EpochReport> all = new ArrayList<>(inTurn);
    if (closing.isPresent()) {
      if (!all.isEmpty() && last().epoch() == closing.get().epoch()) {
        all.remove(all.size() - 1);
      }
      all.add(closing.get());
    }
    return List.copyOf(all);
  }

  Optional<BestEpoch> best() {
    return closingBest.isPresent() ? closingBest : best;
  }

  double seconds() {
    return clock.seconds();
  }

  /** Sets the time spent so far, which a rollback does not take back. */
  void setSeconds(double seconds) {
    clock.set(seconds);
  }

  @Override
  public State captureState() {
    State.Builder state =
        State.builder()
            .put("means", means.captureState())
            .put("history", EpochHistory.capture(inTurn));
    best.ifPresent(epoch -> state.put("best", epoch.capture()));
    return state.build();
  }

  @Override
  public void restoreState(State state) {
    means = new StepMeans();
    means.restoreState(state.getState("means"));
    inTurn.clear();
    inTurn.addAll(history(state));
    best =
        state.has("best")
            ? Optional.of(BestEpoch.restore(state.getState("best"), bestBy))
            : Optional.empty();
    closing = Optional.empty();
    closingBest = Optional.empty();
  }

  /** Returns the state of a run before its first step. */
  static State nothingYet() {
    return State.builder()
        .put("means", new StepMeans().captureState())
        .put("history", EpochHistory.capture(List.of()))
        .build();
  }

  /** Returns the reports of a captured state. */
  static List<EpochReport> history(State state) {
    return EpochHistory.restore(state.getState("history"));
  }
}
