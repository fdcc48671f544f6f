package org.udge.evaluation;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.util.List;
import org.udge.engine.Logits;

/**
 * Top-1 and top-5 accuracy, negative log-likelihood, Brier score, confusion matrix. Needs labels;
 * memory is constant.
 */
public record ClassificationEvaluator() implements Evaluator<ClassificationResult> {

  @Override
  public String name() {
    return "classification";
  }

  @Override
  public Accumulator<ClassificationResult> begin() {
    return new Counts();
  }

  private static final class Counts implements Accumulator<ClassificationResult> {

    private static final int TOP = 5;

    private List<String> classNames = List.of();
    private long[][] confusion = {};
    private long images;
    private long top;
    private double nll;
    private double brier;

    @Override
    public void update(EvaluationBatch batch) {
      int[] labels = batch.requireLabels();
      Logits logits = batch.logits();
      Checks.logitsAndLabels(logits, labels);
      classes(batch.classNames());
      for (int i = 0; i < labels.length; i++) {
        add(logits, i, labels[i]);
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
      confusion[label][logits.argMax(row)]++;
      nll -= logits.logProbability(row, label);
      int rank = 0;
      double[] probabilities = logits.probabilities(row);
      for (int c = 0; c < probabilities.length; c++) {
        double difference = probabilities[c] - (c == label ? 1 : 0);
        brier += difference * difference;
        double lead = logits.get(row, c) - logits.get(row, label);
        if (lead > 0 || lead == 0 && c < label) {
          rank++;
        }
      }
      if (rank < TOP) {
        top++;
      }
    }

    @Override
    public void merge(Accumulator<ClassificationResult> other) {
      checkArgument(other instanceof Counts, "cannot merge with %s", other);
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
    public ClassificationResult compute() {
      checkState(images > 0, "no image was judged: the set is empty");
      long correct = 0;
      for (int c = 0; c < confusion.length; c++) {
        correct += confusion[c][c];
      }
      double n = images;
      return new ClassificationResult(
          images,
          correct / n,
          top / n,
          nll / n,
          brier / n,
          ConfusionMatrix.of(classNames, confusion));
    }
  }
}
