package org.udge.evaluation.calibration;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import java.util.List;
import java.util.Optional;
import org.udge.Calibration;
import org.udge.PredictionSets;
import org.udge.engine.Logits;
import org.udge.evaluation.Accumulator;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.Evaluator;
import org.udge.evaluation.LabeledLogits;
import org.udge.state.State;

/**
 * Evaluates the coverage and the size of prediction sets. Needs labels; memory is constant.
 *
 * @param sets the prediction sets to evaluate
 * @param calibration the calibration after which they were fitted; may be empty
 */
public record PredictionSetEvaluator(PredictionSets sets, Optional<Calibration> calibration)
    implements Evaluator<PredictionSetResult> {

  /**
   * Checks that nothing is missing.
   *
   * @param sets the prediction sets to evaluate
   * @param calibration the calibration after which they were fitted
   */
  public PredictionSetEvaluator {
    requireNonNull(sets);
    requireNonNull(calibration);
  }

  @Override
  public String name() {
    return "prediction_sets";
  }

  @Override
  public Accumulator<PredictionSetResult> begin() {
    return new Counts(this);
  }

  private static final class Counts implements Accumulator<PredictionSetResult> {

    private final PredictionSetEvaluator settings;
    private long[] images = {};
    private long[] covered = {};
    private long[] sizes = {};

    Counts(PredictionSetEvaluator settings) {
      this.settings = settings;
    }

    @Override
    public void update(EvaluationBatch batch) {
      LabeledLogits given = batch.labeledLogits();
      Logits logits =
          settings.calibration.map(c -> c.apply(given.logits())).orElseGet(given::logits);
      classes(logits.classes());
      for (int i = 0; i < given.size(); i++) {
        List<Integer> set = settings.sets.set(logits.probabilities(i));
        images[given.label(i)]++;
        covered[given.label(i)] += set.contains(given.label(i)) ? 1 : 0;
        sizes[set.size() - 1]++;
      }
    }

    private void classes(int count) {
      if (images.length == 0) {
        images = new long[count];
        covered = new long[count];
        sizes = new long[count];
      }
      checkArgument(
          images.length == count, "classes were %s before, now they are %s", images.length, count);
    }

    @Override
    public void merge(Accumulator<PredictionSetResult> other) {
      checkArgument(
          other instanceof Counts that && that.settings.equals(settings),
          "cannot merge with an accumulator of other settings: %s",
          other);
      Counts that = (Counts) other;
      if (that.images.length == 0) {
        return;
      }
      classes(that.images.length);
      for (int c = 0; c < images.length; c++) {
        images[c] += that.images[c];
        covered[c] += that.covered[c];
        sizes[c] += that.sizes[c];
      }
    }

    @Override
    public State captureState() {
      return State.builder()
          .put("images", images)
          .put("covered", covered)
          .put("sizes", sizes)
          .build();
    }

    @Override
    public void restoreState(State state) {
      long[] counts = state.getLongs("images");
      long[] inside = state.getLongs("covered");
      long[] bySize = state.getLongs("sizes");
      checkArgument(
          counts.length == inside.length && counts.length == bySize.length,
          "state entries 'images', 'covered' and 'sizes' must be of the same classes, are of %s, %s"
              + " and %s",
          counts.length,
          inside.length,
          bySize.length);
      images = counts;
      covered = inside;
      sizes = bySize;
    }

    @Override
    public PredictionSetResult compute() {
      checkState(images.length > 0, "no image was evaluated: the set is empty");
      long all = 0;
      long inside = 0;
      double size = 0;
      double worst = 1;
      for (int c = 0; c < images.length; c++) {
        all += images[c];
        inside += covered[c];
        size += sizes[c] * (c + 1.0);
        worst = images[c] == 0 ? worst : Math.min(worst, (double) covered[c] / images[c]);
      }
      return new PredictionSetResult(
          all,
          settings.sets.coverage(),
          (double) inside / all,
          worst,
          size / all,
          (double) sizes[0] / all);
    }
  }
}
