package org.udge.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.data.ImageSource;
import org.udge.engine.Logits;
import org.udge.state.State;
import org.udge.state.Stateful;

/**
 * The epochs of a run: means over the one under way, reports of those done, and the best of them.
 *
 * <p>Where a run ends, it reports and validates out of turn: in the middle of an epoch, or after an
 * epoch that {@code validateEvery} leaves out. That closing report is for the result alone and not
 * in the state, so that a longer run that goes on from there tells what it would have told without
 * the end in between.
 */
final class Epochs implements Stateful {

  private final EnergyModel model;
  private final Optional<ImageSource> validation;
  private final int validateEvery;

  private final Clock clock = new Clock();
  private EpochMeans means = new EpochMeans();
  private final List<EpochReport> inTurn = new ArrayList<>();
  private Optional<BestEpoch> best = Optional.empty();

  private Optional<EpochReport> closing = Optional.empty();
  private Optional<BestEpoch> closingBest = Optional.empty();

  Epochs(EnergyModel model, Optional<ImageSource> validation, int validateEvery) {
    this.model = model;
    this.validation = validation;
    this.validateEvery = validateEvery;
  }

  /**
   * A run begins or goes on.
   *
   * @param goesOn whether steps remain: what an end before this added is then forgotten
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

  /** Whether steps were done since the last epoch in turn was reported. */
  boolean isUnderWay() {
    return means.count() > 0;
  }

  /**
   * Reports an epoch of which all steps were done.
   *
   * @param last whether the run ends with it
   */
  EpochReport finish(long epoch, long steps, boolean last) {
    EpochReport report = report(epoch, steps);
    means = new EpochMeans();
    boolean turn = (epoch + 1) % validateEvery == 0;
    if (turn) {
      report = validated(report);
      best = better(report, best);
    }
    report = timed(report);
    inTurn.add(report);
    clock.set(0);
    return turn || !last ? report : close(report);
  }

  /**
   * Ends a run out of turn: reports the epoch under way, or validates the last one done, if there
   * is anything to add.
   */
  Optional<EpochReport> finishEarly(long epoch, long steps) {
    if (closing.isPresent()) {
      return Optional.empty();
    }
    if (isUnderWay()) {
      return Optional.of(close(timed(report(epoch, steps))));
    }
    return inTurn.isEmpty() || validation.isEmpty() || last().validation().isPresent()
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

  private EpochReport timed(EpochReport report) {
    return new EpochReport(
        report.epoch(),
        report.steps(),
        report.loss(),
        report.values(),
        report.validation(),
        clock.seconds());
  }

  private EpochReport validated(EpochReport report) {
    return new EpochReport(
        report.epoch(),
        report.steps(),
        report.loss(),
        report.values(),
        validation.map(this::validate),
        report.seconds());
  }

  private Optional<BestEpoch> better(EpochReport report, Optional<BestEpoch> before) {
    return report
        .validation()
        .map(EpochReport.Validation::accuracy)
        .filter(accuracy -> before.isEmpty() || accuracy > before.orElseThrow().accuracy())
        .map(
            accuracy ->
                new BestEpoch(
                    report.epoch(),
                    accuracy,
                    new float[][] {model.graph().params().dup('c').data().asFloat()}))
        .or(() -> before);
  }

  private EpochReport.Validation validate(ImageSource images) {
    int right = 0;
    double nll = 0;
    for (Batch batch : images.batches(100)) {
      Logits logits = model.logits(batch.images());
      int[] labels = batch.requireLabels();
      for (int i = 0; i < labels.length; i++) {
        right += logits.argMax(i) == labels[i] ? 1 : 0;
        nll -= logits.logProbability(i, labels[i]);
      }
    }
    return new EpochReport.Validation(
        right / (double) images.size(), nll / images.size(), images.size());
  }

  /** All reports, that of the end included. */
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

  /** Time was spent, whatever becomes of the epoch: a rollback does not take it back. */
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
    means = new EpochMeans();
    means.restoreState(state.getState("means"));
    inTurn.clear();
    inTurn.addAll(EpochHistory.restore(state.getState("history")));
    best =
        state.has("best")
            ? Optional.of(BestEpoch.restore(state.getState("best")))
            : Optional.empty();
    closing = Optional.empty();
    closingBest = Optional.empty();
  }
}
