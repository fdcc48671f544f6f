package org.udge.evaluation.detection;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.Set;
import org.udge.engine.Logits;
import org.udge.evaluation.EvaluationBatch;
import org.udge.internal.Checks;
import org.udge.loss.ContrastiveForm;
import org.udge.published.PublishedHabit;

/**
 * {@code pxsim}: how much better an image fits its class than the images of a queue do, log(exp(s /
 * T) / mean over image and negatives of exp(s_k / T)). Up to a constant this is the negated
 * contrastive loss of the image under its label.
 *
 * <p>The label is the predicted one.
 *
 * <p>Immutable and thread-safe.
 */
public final class ContrastiveSimilarity implements OutOfDistributionScore {

  private final Logits negatives;
  private final ContrastiveForm form;
  private final double temperature;
  private final boolean trueLabels;

  /** logsumexp_k s_k / T over the queue, for each class. */
  private final double[] negativeSums;

  ContrastiveSimilarity(
      Logits negatives, ContrastiveForm form, double temperature, boolean trueLabels) {
    checkArgument(negatives.rows() > 0, "there must be at least one negative");
    negatives.requireFinite();
    this.negatives = negatives;
    this.form = requireNonNull(form);
    this.temperature = Checks.positive("temperature", temperature);
    this.trueLabels = trueLabels;
    negativeSums = new double[negatives.classes()];
    double[][] normalized = new double[negatives.rows()][];
    for (int k = 0; k < normalized.length; k++) {
      normalized[k] = normalized(negatives.row(k));
    }
    for (int c = 0; c < negativeSums.length; c++) {
      double[] scores = new double[normalized.length];
      for (int k = 0; k < scores.length; k++) {
        scores[k] = score(normalized[k], c);
      }
      negativeSums[c] = Logits.of(new double[][] {scores}).logSumExp(0);
    }
  }

  /**
   * Returns a copy with another form of the score s.
   *
   * @param other the form; default {@link ContrastiveForm#REFERENCE}
   * @return a copy
   */
  public ContrastiveSimilarity withForm(ContrastiveForm other) {
    return new ContrastiveSimilarity(negatives, other, temperature, trueLabels);
  }

  /**
   * Returns a copy with another temperature.
   *
   * @param value the temperature, positive; default 0.1
   * @return a copy
   * @throws IllegalArgumentException if it is not positive
   */
  public ContrastiveSimilarity withTemperature(double value) {
    return new ContrastiveSimilarity(negatives, form, value, trueLabels);
  }

  /**
   * Returns a copy with habits of the published program, only for comparison with its figures.
   *
   * @param habits {@link PublishedHabit#SIMILARITY_UNDER_TRUE_LABELS} or none
   * @return a copy; its name is {@code pxsim_true_label} if the labels are the true ones
   */
  public ContrastiveSimilarity withHabits(Set<PublishedHabit> habits) {
    return new ContrastiveSimilarity(
        negatives, form, temperature, habits.contains(PublishedHabit.SIMILARITY_UNDER_TRUE_LABELS));
  }

  @Override
  public String name() {
    return trueLabels ? "pxsim_true_label" : "pxsim";
  }

  @Override
  public double[] score(EvaluationBatch batch) {
    Logits logits = batch.logits();
    logits.requireFinite();
    checkArgument(
        logits.classes() == negatives.classes(),
        "negatives have %s classes, images %s",
        negatives.classes(),
        logits.classes());
    double[] scores = new double[logits.rows()];
    for (int i = 0; i < scores.length; i++) {
      int label = trueLabels ? batch.requireLabels()[i] : logits.argMax(i);
      checkArgument(
          label < logits.classes(),
          "label %s of image %s is not a class of the model, use the predicted label",
          label,
          i);
      double own = score(normalized(logits.row(i)), label);
      double all = Logits.of(new double[][] {{own, negativeSums[label]}}).logSumExp(0);
      scores[i] = own - all + Math.log(negatives.rows() + 1.0);
    }
    return scores;
  }

  private double score(double[] normalized, int label) {
    double similarity = normalized[label];
    if (form == ContrastiveForm.REFERENCE) {
      similarity = Math.log(Math.exp(similarity) + normalized.length - 1);
    }
    return similarity / temperature;
  }

  private static double[] normalized(double[] row) {
    double sum = 0;
    for (double value : row) {
      sum += value * value;
    }
    double length = Math.max(Math.sqrt(sum), 1e-12);
    for (int c = 0; c < row.length; c++) {
      row[c] /= length;
    }
    return row;
  }

  @Override
  public String toString() {
    return name() + "[form=" + form + ", temperature=" + temperature + "]";
  }
}
