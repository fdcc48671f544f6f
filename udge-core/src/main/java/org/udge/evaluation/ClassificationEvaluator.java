package org.udge.evaluation;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.udge.Calibration;
import org.udge.engine.Logits;
import org.udge.state.State;

/**
 * Top-1 and top-5 accuracy, negative log-likelihood, Brier score, confusion matrix. Needs labels;
 * memory is constant.
 *
 * @param calibration applied to logits first; default none, even if the model has a calibration
 */
public record ClassificationEvaluator(Optional<Calibration> calibration)
    implements Evaluator<ClassificationResult> {

  /**
   * Checks the setting.
   *
   * @param calibration applied to logits first
   */
  public ClassificationEvaluator {
    requireNonNull(calibration);
  }

  /**
   * Returns an evaluator of the network's uncalibrated probabilities.
   *
   * @return the evaluator
   */
  public static ClassificationEvaluator ofDefaults() {
    return new ClassificationEvaluator(Optional.empty());
  }

  /**
   * Returns a copy that evaluates probabilities after a calibration; the keys of metrics then begin
   * with {@code calibrated_}.
   *
   * @param by applied to logits first
   * @return a copy
   */
  public ClassificationEvaluator withCalibration(Calibration by) {
    return new ClassificationEvaluator(Optional.of(by));
  }

  @Override
  public String name() {
    return calibration.isPresent() ? "classification_calibrated" : "classification";
  }

  @Override
  public Accumulator<ClassificationResult> begin() {
    return new Counts(calibration);
  }

  private static final class Counts implements Accumulator<ClassificationResult> {

    private static final int TOP = 5;

    private final Optional<Calibration> calibration;
    private List<String> classNames = List.of();
    private long[][] confusion = {};
    private long images;
    private long top;
    private double nll;
    private double brier;

    Counts(Optional<Calibration> calibration) {
      this.calibration = calibration;
    }

    @Override
    public void update(EvaluationBatch batch) {
      LabeledLogits given = batch.labeledLogits();
      Logits logits = calibration.map(c -> c.apply(given.logits())).orElseGet(given::logits);
      classes(batch.classNames());
      for (int i = 0; i < given.size(); i++) {
        add(logits, i, given.label(i));
      }
    }

    private void classes(List<String> names) {
      if (confusion.length == 0) {
        classNames = names;
        confusion = new long[names.size()][names.size()];
      }
      checkArgument(
          names.equals(classNames), "classes were %s before, now they are %s", classNames, names);
    }

    private void add(Logits logits, int row, int label) {
      images++;
      int predicted = logits.argMax(row);
      confusion[label][predicted]++;
      nll -= logits.logProbability(row, label);
      double[] probabilities = logits.probabilities(row);
      for (int c = 0; c < probabilities.length; c++) {
        double difference = probabilities[c] - (c == label ? 1 : 0);
        brier += difference * difference;
      }
      if (predicted == label || rank(logits, row, predicted, label) < TOP) {
        top++;
      }
    }

    /**
     * Returns the rank of a class other than the predicted one. Among equal logits, the predicted
     * class comes first, then those of higher index: the order with which the golden numbers were
     * computed.
     */
    private static int rank(Logits logits, int row, int predicted, int label) {
      int rank = 1;
      for (int c = 0; c < logits.classes(); c++) {
        double lead = logits.get(row, c) - logits.get(row, label);
        if (c != predicted && (lead > 0 || (lead == 0 && c > label))) {
          rank++;
        }
      }
      return rank;
    }

    @Override
    public void merge(Accumulator<ClassificationResult> other) {
      checkArgument(
          other instanceof Counts same && same.calibration.equals(calibration),
          "cannot merge with an accumulator of other settings: %s",
          other);
      Counts that = (Counts) other;
      if (that.images == 0) {
        return;
      }
      classes(that.classNames);
      images += that.images;
      top += that.top;
      nll += that.nll;
      brier += that.brier;
      for (int label = 0; label < confusion.length; label++) {
        for (int c = 0; c < confusion.length; c++) {
          confusion[label][c] += that.confusion[label][c];
        }
      }
    }

    @Override
    public State captureState() {
      State.Builder names = State.builder();
      for (int c = 0; c < classNames.size(); c++) {
        names.put(Integer.toString(c), classNames.get(c));
      }
      return State.builder()
          .put("classes", classNames.size())
          .put("classNames", names.build())
          .put("confusion", Arrays.stream(confusion).flatMapToLong(Arrays::stream).toArray())
          .put("images", images)
          .put("top", top)
          .put("nll", nll)
          .put("brier", brier)
          .build();
    }

    @Override
    public void restoreState(State state) {
      int classes = Math.toIntExact(state.getLong("classes"));
      long[] counts = state.getLongs("confusion");
      checkArgument(
          counts.length == (long) classes * classes,
          "state entry 'confusion' has %s numbers, expected those of %s classes",
          counts.length,
          classes);
      List<String> names = new ArrayList<>();
      long[][] rows = new long[classes][];
      for (int c = 0; c < classes; c++) {
        names.add(state.getState("classNames").getString(Integer.toString(c)));
        rows[c] = Arrays.copyOfRange(counts, c * classes, (c + 1) * classes);
      }
      classNames = List.copyOf(names);
      confusion = rows;
      images = state.getLong("images");
      top = state.getLong("top");
      nll = state.getDouble("nll");
      brier = state.getDouble("brier");
    }

    @Override
    public ClassificationResult compute() {
      checkState(images > 0, "no image was evaluated: the set is empty");
      long correct = 0;
      for (int c = 0; c < confusion.length; c++) {
        correct += confusion[c][c];
      }
      double n = images;
      return new ClassificationResult(
          images,
          calibration.isPresent(),
          correct / n,
          top / n,
          nll / n,
          brier / n,
          ConfusionMatrix.of(classNames, confusion));
    }
  }
}
