package org.udge.evaluation.calibration;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.udge.Calibration;
import org.udge.engine.Logits;
import org.udge.evaluation.Accumulator;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.Evaluator;
import org.udge.evaluation.LabeledLogits;
import org.udge.internal.Checks;
import org.udge.internal.Sorting;
import org.udge.state.State;

/**
 * Evaluates calibration errors and reliability diagrams. Needs labels. Stores one number per image,
 * for the bins with equal numbers of images.
 *
 * @param bins the numbers of bins to report; default 15 (Guo et al. 2017) and 20 (the published
 *     program of HDGE)
 * @param calibration applied to logits first; default none, even if the model has a calibration
 */
public record CalibrationEvaluator(List<Integer> bins, Optional<Calibration> calibration)
    implements Evaluator<CalibrationResult> {

  /**
   * Checks the numbers of bins.
   *
   * @param bins the numbers of bins to report, each at least 1, without duplicates
   * @param calibration applied to logits first
   * @throws IllegalArgumentException if the list is empty, or a number is below 1 or duplicate
   */
  public CalibrationEvaluator {
    bins = List.copyOf(bins);
    requireNonNull(calibration);
    checkArgument(!bins.isEmpty(), "there must be at least one number of bins");
    bins.forEach(count -> Checks.atLeast(1, "bins", count));
    checkArgument(bins.stream().distinct().count() == bins.size(), "bins repeat: %s", bins);
  }

  /**
   * Returns an evaluator of calibration errors and reliability diagrams over 15 and 20 bins.
   *
   * @return the evaluator, which can be changed with {@link #withBins(int...)}
   */
  public static CalibrationEvaluator ofDefaults() {
    return new CalibrationEvaluator(List.of(15, 20), Optional.empty());
  }

  /**
   * Returns a copy with other numbers of bins.
   *
   * @param counts the numbers of bins, each at least 1; default 15 and 20
   * @return a copy
   * @throws IllegalArgumentException if there is none, or one is below 1 or duplicate
   */
  public CalibrationEvaluator withBins(int... counts) {
    return new CalibrationEvaluator(Ints.asList(counts), calibration);
  }

  /**
   * Returns a copy that evaluates probabilities after a calibration; the keys of metrics then begin
   * with {@code calibrated_}.
   *
   * @param by applied to logits first
   * @return a copy
   */
  public CalibrationEvaluator withCalibration(Calibration by) {
    return new CalibrationEvaluator(bins, Optional.of(by));
  }

  @Override
  public String name() {
    return calibration.isPresent() ? "calibration_calibrated" : "calibration";
  }

  @Override
  public Accumulator<CalibrationResult> begin() {
    return new Confidences(this);
  }

  private static final class Confidences implements Accumulator<CalibrationResult> {

    private final CalibrationEvaluator settings;
    private final List<ConfidenceBins> topLabel = new ArrayList<>();
    private final List<List<ConfidenceBins>> byClass = new ArrayList<>();
    private final TopLabels labels = new TopLabels();

    Confidences(CalibrationEvaluator settings) {
      this.settings = settings;
      for (int bins : settings.bins) {
        topLabel.add(new ConfidenceBins(bins));
        byClass.add(new ArrayList<>());
      }
    }

    @Override
    public void update(EvaluationBatch batch) {
      LabeledLogits given = batch.labeledLogits();
      Logits logits =
          settings.calibration.map(c -> c.apply(given.logits())).orElseGet(given::logits);
      classes(logits.classes());
      for (int i = 0; i < given.size(); i++) {
        int predicted = logits.argMax(i);
        add(logits.probabilities(i), predicted, given.label(i));
      }
    }

    private void classes(int count) {
      for (int i = 0; i < byClass.size(); i++) {
        List<ConfidenceBins> classes = byClass.get(i);
        while (labels.size() == 0 && classes.size() < count) {
          classes.add(new ConfidenceBins(settings.bins.get(i)));
        }
        checkArgument(
            classes.size() == count,
            "classes were %s before, now they are %s",
            classes.size(),
            count);
      }
    }

    private void add(double[] probabilities, int predicted, int label) {
      double confidence = probabilities[predicted];
      labels.add(confidence, predicted == label);
      for (int i = 0; i < topLabel.size(); i++) {
        topLabel.get(i).add(confidence, predicted == label);
        for (int c = 0; c < probabilities.length; c++) {
          byClass.get(i).get(c).add(probabilities[c], c == label);
        }
      }
    }

    @Override
    public void merge(Accumulator<CalibrationResult> other) {
      checkArgument(
          other instanceof Confidences that && that.settings.equals(settings),
          "cannot merge with an accumulator of other settings: %s",
          other);
      Confidences that = (Confidences) other;
      if (that.labels.size() == 0) {
        return;
      }
      classes(that.byClass.get(0).size());
      labels.addAll(that.labels);
      for (int i = 0; i < topLabel.size(); i++) {
        topLabel.get(i).merge(that.topLabel.get(i));
        for (int c = 0; c < byClass.get(i).size(); c++) {
          byClass.get(i).get(c).merge(that.byClass.get(i).get(c));
        }
      }
    }

    @Override
    public State captureState() {
      State.Builder state =
          State.builder()
              .put("labels", labels.captureState())
              .put("classes", byClass.get(0).size());
      for (int i = 0; i < topLabel.size(); i++) {
        State.Builder bins = State.builder().put("top", topLabel.get(i).captureState());
        for (int c = 0; c < byClass.get(i).size(); c++) {
          bins.put(Integer.toString(c), byClass.get(i).get(c).captureState());
        }
        state.put("bins" + settings.bins.get(i), bins.build());
      }
      return state.build();
    }

    @Override
    public void restoreState(State state) {
      int classes = Math.toIntExact(state.getLong("classes"));
      for (int i = 0; i < topLabel.size(); i++) {
        int count = settings.bins.get(i);
        State bins = state.getState("bins" + count);
        topLabel.set(i, ConfidenceBins.of(bins.getState("top"), count));
        List<ConfidenceBins> each = byClass.get(i);
        each.clear();
        for (int c = 0; c < classes; c++) {
          each.add(ConfidenceBins.of(bins.getState(Integer.toString(c)), count));
        }
      }
      labels.restoreState(state.getState("labels"));
    }

    @Override
    public CalibrationResult compute() {
      checkState(labels.size() > 0, "no image was evaluated: the set is empty");
      List<CalibrationErrors> errors = new ArrayList<>();
      List<ReliabilityDiagram> diagrams = new ArrayList<>();
      for (int i = 0; i < topLabel.size(); i++) {
        int bins = settings.bins.get(i);
        ReliabilityDiagram diagram = topLabel.get(i).diagram();
        diagrams.add(diagram);
        errors.add(
            new CalibrationErrors(
                bins,
                diagram.expectedError(),
                adaptiveError(bins),
                classwiseError(i),
                diagram.maximumError(),
                diagram.debiasedError(),
                diagram.errorOfPerfectCalibration(),
                diagram.rootMeanSquareError()));
      }
      return new CalibrationResult(
          labels.size(), settings.calibration.isPresent(), errors, diagrams);
    }

    private double classwiseError(int index) {
      return byClass.get(index).stream()
          .mapToDouble(c -> c.diagram().expectedError())
          .average()
          .orElse(Double.NaN);
    }

    /**
     * Computes the error over bins with equal numbers of images. A group of equal confidences
     * belongs as a whole to the bin of its first member.
     */
    private double adaptiveError(int bins) {
      double[] values = labels.confidences();
      double[] right = labels.right();
      int[] order = Sorting.ascending(values);
      double[] gaps = new double[bins];
      int first = 0;
      for (int i = 0; i < order.length; i++) {
        if (values[order[i]] > values[order[first]]) {
          first = i;
        }
        int bin = (int) ((long) first * bins / order.length);
        gaps[bin] += right[order[i]] - values[order[i]];
      }
      return Arrays.stream(gaps).map(Math::abs).sum() / order.length;
    }
  }
}
