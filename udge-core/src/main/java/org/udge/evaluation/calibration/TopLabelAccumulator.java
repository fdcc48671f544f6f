package org.udge.evaluation.calibration;

import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import java.util.Optional;
import org.udge.Calibration;
import org.udge.engine.Logits;
import org.udge.evaluation.Accumulator;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.EvaluationResult;
import org.udge.evaluation.LabeledLogits;
import org.udge.state.State;

/**
 * Stores the confidence and the correctness of every image.
 *
 * @param <R> the result
 */
abstract class TopLabelAccumulator<R extends EvaluationResult> implements Accumulator<R> {

  private final Object settings;
  private final Optional<Calibration> calibration;
  private final TopLabels labels = new TopLabels();

  /**
   * Creates an accumulator without images.
   *
   * @param settings accumulators with equal settings can be merged
   * @param calibration applied to logits first
   */
  TopLabelAccumulator(Object settings, Optional<Calibration> calibration) {
    this.settings = settings;
    this.calibration = calibration;
  }

  /** Computes the result of at least one image. */
  abstract R compute(double[] confidences, double[] right);

  @Override
  public final void update(EvaluationBatch batch) {
    LabeledLogits given = batch.labeledLogits();
    Logits logits = calibration.map(c -> c.apply(given.logits())).orElseGet(given::logits);
    labels.add(logits, given);
  }

  @Override
  public final void merge(Accumulator<R> other) {
    checkArgument(
        other instanceof TopLabelAccumulator<?> that && that.settings.equals(settings),
        "cannot merge with an accumulator of other settings: %s",
        other);
    labels.addAll(((TopLabelAccumulator<?>) other).labels);
  }

  @Override
  public final State captureState() {
    return labels.captureState();
  }

  @Override
  public final void restoreState(State state) {
    labels.restoreState(state);
  }

  @Override
  public final R compute() {
    checkState(labels.size() > 0, "no image was evaluated: the set is empty");
    return compute(labels.confidences(), labels.right());
  }
}
