package org.udge.examples;

import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.data.ImageSource;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.OutOfDistributionScore;

/** Scores of whole sets. */
final class Scoring {

  private Scoring() {}

  static double[] scores(
      EnergyModel model,
      OutOfDistributionScore score,
      ImageSource set,
      int batchSize,
      UnaryOperator<INDArray> preprocessing) {
    double[] all = new double[set.size()];
    int position = 0;
    for (Batch batch : set.batches(batchSize)) {
      try (batch) {
        INDArray images = preprocessing.apply(batch.images());
        double[] values = score.score(EvaluationBatch.of(model, images, batch.labels()));
        System.arraycopy(values, 0, all, position, values.length);
        position += values.length;
      }
    }
    return all;
  }
}
