package org.udge.spark.scoring;

import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.udge.datasets.ShapesDataset;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.EvaluationReport;
import org.udge.evaluation.calibration.CalibrationEvaluator;
import org.udge.spark.evaluation.SparkEvaluation;

/** The Java of docs/distributed.md, compiled here; the document quotes it. */
final class DocumentedScoring {

  private DocumentedScoring() {}

  static Dataset<Row> score(SparkSession spark, String modelFile, String folder) {
    Dataset<Row> photos = spark.read().format("binaryFile").load(folder);
    Dataset<Row> scored =
        EnergyScorerModel.of(modelFile)
            .setInputCol("content")
            .setHandleInvalid("keep")
            .transform(photos)
            .drop("content");
    scored.filter("not inDistribution").select("path", "score").show();
    return scored;
  }

  static StreamingQuery stream(SparkSession spark, String modelFile, String folder, String output)
      throws TimeoutException {
    Dataset<Row> incoming =
        spark
            .readStream()
            .format("binaryFile")
            .schema(spark.read().format("binaryFile").load(folder).schema())
            .load(folder);
    return EnergyScorerModel.of(modelFile)
        .setInputCol("content")
        .setHandleInvalid("keep")
        .transform(incoming)
        .drop("content")
        .writeStream()
        .format("parquet")
        .option("checkpointLocation", output + "/checkpoint")
        .start(output + "/scores");
  }

  static EvaluationReport judge(SparkSession spark, String modelFile) throws IOException {
    EvaluationReport report =
        SparkEvaluation.of(spark, modelFile)
            .with(ClassificationEvaluator::ofDefaults)
            .with(() -> CalibrationEvaluator.ofDefaults().withBins(15))
            .run(() -> ShapesDataset.standard().test(10_000), 64);
    System.out.println(report);
    return report;
  }
}
