package org.udge.examples.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.Classifier;
import org.udge.data.Batch;
import org.udge.data.ImageSource;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.detection.OutOfDistributionScore;

/** Scores of whole sets. */
final class Scoring {

  private Scoring() {}

  /** The values of all images by name of the score. Each image is read and preprocessed once. */
  static Map<String, double[]> scores(
      Classifier model,
      List<OutOfDistributionScore> scores,
      ImageSource set,
      int batchSize,
      UnaryOperator<INDArray> preprocessing) {
    Map<String, double[]> all = new LinkedHashMap<>();
    scores.forEach(score -> all.put(score.name(), new double[set.size()]));
    int position = 0;
    for (Batch batch : set.batches(batchSize)) {
      try (batch) {
        INDArray images = preprocessing.apply(batch.images());
        EvaluationBatch judged = EvaluationBatch.of(model, images, batch.labels());
        for (OutOfDistributionScore score : scores) {
          System.arraycopy(score.score(judged), 0, all.get(score.name()), position, batch.size());
        }
        position += batch.size();
      }
    }
    return all;
  }
}
