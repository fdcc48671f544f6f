package org.udge.serving;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.Calibration;
import org.udge.Classifier;
import org.udge.PredictionSets;
import org.udge.Threshold;
import org.udge.data.Batch;
import org.udge.engine.Logits;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.detection.OutOfDistributionScore;
import org.udge.evaluation.detection.OutOfDistributionScores;
import org.udge.internal.HostImages;

/**
 * Scores images with one model for many threads: predicted class, probability, log p(x), and
 * whether an image is in-distribution.
 *
 * <pre>{@code
 * Threshold threshold = OutOfDistributionScores.logDensity().threshold(model, validation, 0.05);
 * EnergyScorer scorer = EnergyScorer.of(model.withThreshold(threshold));
 * for (ScoredImage image : scorer.score(images)) {
 *   System.out.println(image.inDistribution().orElseThrow() ? image.className() : "unknown");
 * }
 * }</pre>
 *
 * <p>Pass batches of images: a batch of 64 costs far less than 64 batches of one. Large inputs are
 * split into pieces, so memory does not grow with them beyond the results.
 *
 * <p>Immutable and thread-safe as long as the model's parameters are not changed. The caller keeps
 * ownership of the model and closes it when no thread is scoring any more.
 */
public final class EnergyScorer {

  private final Classifier model;
  private final OutOfDistributionScore score;
  private final Optional<Threshold> threshold;
  private final Optional<PredictionSets> sets;
  private final int batchSize;

  private EnergyScorer(
      Classifier model,
      OutOfDistributionScore score,
      Optional<Threshold> threshold,
      Optional<PredictionSets> sets,
      int batchSize) {
    this.model = model;
    this.score = score;
    this.threshold = threshold;
    this.sets = sets;
    this.batchSize = batchSize;
  }

  /**
   * Returns a scorer by log p(x), with the model's threshold for that score and its prediction
   * sets, if it has any.
   *
   * @param model the model; the caller keeps ownership
   * @return the scorer
   */
  public static EnergyScorer of(Classifier model) {
    OutOfDistributionScore score = OutOfDistributionScores.logDensity();
    return new EnergyScorer(
        model, score, model.threshold(score.name()), model.predictionSets(), 128);
  }

  /**
   * Returns a copy with another out-of-distribution score, and the model's threshold for it, if it
   * has one.
   *
   * @param other a score that needs no labels; default log p(x)
   * @return a new scorer
   */
  public EnergyScorer withScore(OutOfDistributionScore other) {
    return new EnergyScorer(model, other, model.threshold(other.name()), sets, batchSize);
  }

  /**
   * Returns a copy with another out-of-distribution score and its threshold.
   *
   * @param other a score that needs no labels
   * @param line a threshold for that score, from {@link OutOfDistributionScore#threshold} or {@link
   *     Threshold#of}
   * @return a new scorer
   * @throws IllegalArgumentException if the threshold is for another score
   */
  public EnergyScorer withScore(OutOfDistributionScore other, Threshold line) {
    checkArgument(
        line.score().equals(other.name()),
        "the threshold is for score '%s', the score is '%s'",
        line.score(),
        other.name());
    return new EnergyScorer(model, other, Optional.of(line), sets, batchSize);
  }

  /**
   * Returns a copy with another batch size, the number of images that pass through the network
   * together.
   *
   * @param images the batch size, at least 1; default 128
   * @return a new scorer
   * @throws IllegalArgumentException if it is below 1
   */
  public EnergyScorer withBatchSize(int images) {
    checkArgument(images > 0, "batch size must be at least 1, was %s", images);
    return new EnergyScorer(model, score, threshold, sets, images);
  }

  /**
   * Returns a copy that computes a prediction set for each image.
   *
   * @param other prediction sets fitted on the model's calibrated probabilities; default: those
   *     stored in the model, if any
   * @return a new scorer
   */
  public EnergyScorer withPredictionSets(PredictionSets other) {
    return new EnergyScorer(model, score, threshold, Optional.of(other), batchSize);
  }

  /**
   * Returns the name of the out-of-distribution score.
   *
   * @return the name, for example {@code px}
   */
  public String scoreName() {
    return score.name();
  }

  /**
   * Returns the out-of-distribution threshold.
   *
   * @return empty if there is none
   */
  public Optional<Threshold> threshold() {
    return threshold;
  }

  /**
   * Scores images.
   *
   * @param given [N, C, H, W] in the range of the training images, or [N, F] for rows of a table;
   *     not modified
   * @return one result per image, in order
   * @throws IllegalArgumentException if the shape or the type is wrong, or a number is not finite
   */
  public List<ScoredImage> score(INDArray given) {
    INDArray images = given.rank() == 2 ? given.reshape(given.size(0), given.size(1), 1, 1) : given;
    checkArgument(
        images.rank() == 4,
        "images must be [N, C, H, W] or [N, F], were %s",
        Arrays.toString(given.shape()));
    int count = (int) images.size(0);
    List<ScoredImage> results = new ArrayList<>(count);
    for (int first = 0; first < count; first += batchSize) {
      int end = Math.min(count, first + batchSize);
      INDArray piece =
          end - first == count ? images : HostImages.slice(images, first, end).dup('c');
      results.addAll(scorePiece(piece));
    }
    return results;
  }

  private List<ScoredImage> scorePiece(INDArray images) {
    int[] unlabeled = new int[(int) images.size(0)];
    Arrays.fill(unlabeled, Batch.UNLABELED);
    EvaluationBatch batch = EvaluationBatch.of(model, images, unlabeled);
    Logits logits = batch.logits();
    Optional<Calibration> calibration = model.calibration();
    Logits calibrated = calibration.map(c -> c.apply(logits)).orElse(logits);
    double[] scores = score.score(batch);
    List<ScoredImage> results = new ArrayList<>(scores.length);
    for (int i = 0; i < scores.length; i++) {
      int label = calibrated.argMax(i);
      results.add(
          new ScoredImage(
              label,
              model.classNames().get(label),
              Math.exp(calibrated.logProbability(i, label)),
              Math.exp(logits.logProbability(i, label)),
              set(calibrated, i),
              logits.rows(i, i + 1),
              logits.logSumExp(i),
              scores[i],
              threshold));
    }
    return results;
  }

  private Optional<List<Integer>> set(Logits calibrated, int row) {
    return sets.map(s -> s.set(calibrated.probabilities(row)));
  }

  @Override
  public String toString() {
    return "EnergyScorer["
        + model
        + ", score="
        + score.name()
        + ", threshold="
        + threshold.map(t -> Double.toString(t.value())).orElse("none")
        + "]";
  }
}
