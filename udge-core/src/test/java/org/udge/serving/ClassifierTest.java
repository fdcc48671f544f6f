package org.udge.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.Calibration;
import org.udge.Classifier;
import org.udge.EnergyModel;
import org.udge.Threshold;
import org.udge.engine.Logits;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.Evaluation;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.LabeledLogits;
import org.udge.evaluation.Models;
import org.udge.evaluation.Models.MemorySource;
import org.udge.evaluation.calibration.CalibrationEvaluator;
import org.udge.evaluation.calibration.TemperatureScaling;
import org.udge.evaluation.detection.OutOfDistributionEvaluator;
import org.udge.evaluation.detection.OutOfDistributionScore;
import org.udge.evaluation.detection.OutOfDistributionScores;
import org.udge.evaluation.robustness.ProjectedGradient;
import org.udge.evaluation.robustness.RobustnessEvaluator;
import org.udge.random.RandomStreams;

/** What judges and serves asks for logits and names, not for a Deeplearning4j graph. */
class ClassifierTest {

  private final EnergyModel model = Models.smooth();
  private final Classifier logitsAlone = new LogitsAlone(model);
  private final MemorySource test = Models.source("shapes/test", 23, 1);
  private final MemorySource other = Models.source("other", 9, 2);

  /** The least that a classifier can be. */
  private record LogitsAlone(EnergyModel model) implements Classifier {
    @Override
    public Logits logits(INDArray images) {
      return model.logits(images);
    }

    @Override
    public List<String> classNames() {
      return model.classNames();
    }

    @Override
    public String toString() {
      return "LogitsAlone";
    }
  }

  @AfterEach
  void close() {
    model.close();
  }

  private OutOfDistributionEvaluator detection() {
    return OutOfDistributionEvaluator.of(
            OutOfDistributionScores.logDensity(),
            OutOfDistributionScores.maxProbability(),
            OutOfDistributionScores.maxLogit(),
            OutOfDistributionScores.negativeEntropy(),
            OutOfDistributionScores.energy(2),
            OutOfDistributionScores.contrastiveSimilarity(model.logits(other.array())))
        .against("other", other);
  }

  @Test
  void evaluators_of_logits_find_what_they_find_of_a_model() {
    for (Classifier judged : List.of(model, logitsAlone)) {
      assertThat(
              Evaluation.of(judged)
                  .with(ClassificationEvaluator.ofDefaults())
                  .with(CalibrationEvaluator.ofDefaults())
                  .with(detection())
                  .run(test)
                  .values())
          .isEqualTo(
              Evaluation.of(model)
                  .with(ClassificationEvaluator.ofDefaults())
                  .with(CalibrationEvaluator.ofDefaults())
                  .with(detection())
                  .run(test)
                  .values())
          .hasSizeGreaterThan(10);
    }
  }

  @Test
  void calibrators_and_thresholds_find_what_they_find_of_a_model() {
    assertThat(new TemperatureScaling().fit(LabeledLogits.of(logitsAlone, test)).toString())
        .isEqualTo(new TemperatureScaling().fit(LabeledLogits.of(model, test)).toString());
    OutOfDistributionScore score = OutOfDistributionScores.logDensity();
    assertThat(score.threshold(logitsAlone, test, 0.1))
        .isEqualTo(score.threshold(model, test, 0.1));
  }

  @Test
  void a_scorer_answers_with_what_the_classifier_knows() {
    INDArray images = test.array();
    assertThat(EnergyScorer.of(logitsAlone).score(images).toString())
        .isEqualTo(EnergyScorer.of(model).score(images).toString());
    Calibration calibration = Calibration.temperature(2, Models.CLASSES);
    Threshold line = Threshold.of("px", 0.5);
    EnergyModel knowing = model.withCalibration(calibration).withThreshold(line);
    EnergyScorer scorer = EnergyScorer.of(knowing);
    assertThat(scorer.threshold()).contains(line);
    assertThat(scorer.score(images).get(0).probability())
        .isEqualTo(knowing.predict(images).confidence(0));
  }

  @Test
  void energies_and_predictions_follow_from_logits() {
    INDArray images = test.array();
    assertThat(logitsAlone.energy(images)).containsExactly(model.energy(images));
    assertThat(logitsAlone.logDensity(images)).containsExactly(model.logDensity(images));
    assertThat(logitsAlone.predict(images).label(3)).isEqualTo(model.predict(images).label(3));
    assertThat(logitsAlone.classCount()).isEqualTo(3);
  }

  @Test
  void knows_nothing_that_it_was_not_told() {
    assertThat(logitsAlone.calibration()).isEmpty();
    assertThat(logitsAlone.threshold("px")).isEmpty();
    assertThat(logitsAlone.pixelRange()).isEmpty();
    assertThatThrownBy(logitsAlone::shape)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the shape of this classifier's images is not known: LogitsAlone");
  }

  @Test
  void refuses_by_name_what_needs_gradients() {
    EvaluationBatch batch = EvaluationBatch.of(logitsAlone, test.array(), test.labels());
    assertThatThrownBy(() -> OutOfDistributionScores.odin().score(batch))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "score 'odin' needs gradients with respect to images: an EnergyModel provides them,"
                + " LogitsAlone provides only logits");
    assertThatThrownBy(() -> OutOfDistributionScores.approximateMass().score(batch))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("score 'pxgrad' needs gradients");
    Evaluation attacked =
        Evaluation.of(logitsAlone)
            .with(RobustnessEvaluator.of(ProjectedGradient.linf(0.1), RandomStreams.of(1)));
    assertThatThrownBy(() -> attacked.run(test))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("evaluator 'robustness_linf' needs gradients");
  }
}
