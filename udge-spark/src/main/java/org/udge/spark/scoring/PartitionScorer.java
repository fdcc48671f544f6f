package org.udge.spark.scoring;

import java.util.Iterator;
import java.util.OptionalDouble;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.udge.Classifier;
import org.udge.Threshold;
import org.udge.evaluation.detection.OutOfDistributionScore;
import org.udge.evaluation.detection.OutOfDistributionScores;
import org.udge.serving.EnergyScorer;
import org.udge.spark.internal.ImageColumn;
import org.udge.spark.internal.SharedModel;

/** Scores a partition on an executor. */
final class PartitionScorer implements MapPartitionsFunction<Row, Row> {

  private static final long serialVersionUID = 1;

  private final SharedModel model;
  private final ImageColumn input;
  private final OutputColumns output;
  private final InvalidImages invalid;
  private final int batchSize;
  private final String score;
  private final @Nullable Double threshold;

  PartitionScorer(
      SharedModel model,
      ImageColumn input,
      OutputColumns output,
      InvalidImages invalid,
      int batchSize,
      String score,
      OptionalDouble threshold) {
    this.model = model;
    this.input = input;
    this.output = output;
    this.invalid = invalid;
    this.batchSize = batchSize;
    this.score = score;
    this.threshold = threshold.isPresent() ? threshold.getAsDouble() : null;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return new ScoredRows(this, rows);
  }

  SharedModel model() {
    return model;
  }

  ImageColumn input() {
    return input;
  }

  OutputColumns output() {
    return output;
  }

  InvalidImages invalid() {
    return invalid;
  }

  int batchSize() {
    return batchSize;
  }

  EnergyScorer scorer(Classifier classifier) {
    OutOfDistributionScore named = OutOfDistributionScores.named(score);
    EnergyScorer scorer = EnergyScorer.of(classifier).withBatchSize(batchSize);
    return threshold == null
        ? scorer.withScore(named)
        : scorer.withScore(named, Threshold.of(score, threshold));
  }
}
