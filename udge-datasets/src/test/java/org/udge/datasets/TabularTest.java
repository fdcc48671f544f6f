package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.Calibration;
import org.udge.EnergyModel;
import org.udge.Threshold;
import org.udge.data.Table;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.Evaluation;
import org.udge.evaluation.LabeledLogits;
import org.udge.evaluation.calibration.TemperatureScaling;
import org.udge.evaluation.detection.OutOfDistributionEvaluator;
import org.udge.evaluation.detection.OutOfDistributionScores;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.CrossEntropy;
import org.udge.network.Mlp;
import org.udge.random.RandomStreams;
import org.udge.serving.EnergyScorer;
import org.udge.serving.ScoredImage;
import org.udge.training.LearningRate;
import org.udge.training.Objective;
import org.udge.training.Trainer;

/** Tabular data from beginning to end, on measurements of 150 flowers. */
class TabularTest {

  private static final List<String> SPECIES = List.of("setosa", "versicolor", "virginica");

  @TempDir private Path folder;

  private static float[][] numbers() throws IOException {
    try (InputStream in = TabularTest.class.getResourceAsStream("/iris.csv")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(TabularTest::numbers)
          .toArray(float[][]::new);
    }
  }

  private static float[] numbers(String line) {
    String[] cells = line.split(",");
    float[] numbers = new float[cells.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Float.parseFloat(cells[i]);
    }
    return numbers;
  }

  /** Flowers of which the index leaves a rest. */
  private static Table table(String name, int... rests) throws IOException {
    float[][] all = numbers();
    int[] chosen =
        IntStream.range(0, all.length)
            .filter(i -> Arrays.stream(rests).anyMatch(rest -> i % 5 == rest))
            .toArray();
    float[][] rows =
        Arrays.stream(chosen).mapToObj(i -> Arrays.copyOf(all[i], 4)).toArray(float[][]::new);
    int[] labels = Arrays.stream(chosen).map(i -> (int) all[i][4]).toArray();
    return Table.of(name, SPECIES, rows, labels);
  }

  @Test
  void an_mlp_on_real_rows_is_trained_calibrated_guarded_and_served() throws IOException {
    Table measured = table("training", 0, 1, 2);
    Table training = measured.standardized(measured);
    Table validation = table("validation", 3).standardized(measured);
    Table test = table("test", 4).standardized(measured);
    Table foreign =
        Table.unlabeled("foreign", new float[][] {{1, 9, 1, 9}, {15, 1, 0.1f, 8}, {9, 9, 9, 0}})
            .standardized(measured);

    EnergyModel model =
        EnergyModel.builder(Mlp.of(32)).features(4).classNames(training.classNames()).build();
    Objective objective =
        Objective.of(CrossEntropy.ofDefaults()).plus(0.5, ConditionalContrastive.ofDefaults());
    Trainer.builder(model, objective)
        .learningRate(LearningRate.constant(1e-2))
        .epochs(40)
        .build()
        .fit(ShuffledBatches.builder(training, 30, RandomStreams.of(1)).build());

    Calibration calibration = new TemperatureScaling().fit(LabeledLogits.of(model, validation));
    Threshold threshold = OutOfDistributionScores.maxLogit().threshold(model, validation, 0.05);
    model.withCalibration(calibration).withThreshold(threshold).save(folder.resolve("model.zip"));

    ClassificationEvaluator classification = ClassificationEvaluator.ofDefaults();
    OutOfDistributionEvaluator detection =
        OutOfDistributionEvaluator.of(OutOfDistributionScores.maxLogit())
            .against("foreign", foreign);
    double accuracy =
        Evaluation.of(model).with(classification).run(test).get(classification).accuracy();
    assertThat(accuracy).isGreaterThan(0.9);
    assertThat(
            Evaluation.of(model)
                .with(detection)
                .run(test)
                .get(detection)
                .detection("max_logit", "foreign")
                .inImages())
        .isEqualTo(30);
    model.close();

    try (EnergyModel loaded = EnergyModel.load(folder.resolve("model.zip"))) {
      assertThat(loaded.calibration()).contains(calibration);
      EnergyScorer scorer = EnergyScorer.of(loaded).withScore(OutOfDistributionScores.maxLogit());
      INDArray rows = Nd4j.createFromArray(new float[][] {row(test, 0), row(test, 29)});
      List<ScoredImage> scored = scorer.score(rows);
      assertThat(scored).extracting(ScoredImage::className).containsExactly("setosa", "virginica");
      assertThat(scored.get(0).inDistribution()).contains(true);
      assertThat(loaded.energyGradient(rows).shape()).containsExactly(2, 4);
    }
  }

  private static float[] row(Table table, int index) {
    float[] row = new float[4];
    table.read(index, row, 0);
    return row;
  }
}
