package org.udge.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.evaluation.Models.MemorySource;
import org.udge.evaluation.calibration.CalibrationEvaluator;
import org.udge.evaluation.detection.DetectionMetrics;
import org.udge.evaluation.detection.OutOfDistributionEvaluator;
import org.udge.evaluation.detection.OutOfDistributionResult;
import org.udge.evaluation.detection.OutOfDistributionScores;
import org.udge.internal.HostImages;

class EvaluationTest {

  private final EnergyModel model = Models.smooth();
  private final MemorySource test = Models.source("shapes/test", 23, 1);

  @Test
  void finds_results_by_their_evaluators() {
    ClassificationEvaluator classification = ClassificationEvaluator.ofDefaults();
    CalibrationEvaluator calibration = CalibrationEvaluator.ofDefaults().withBins(15);
    EvaluationReport report =
        Evaluation.of(model).with(classification).with(calibration).withBatchSize(5).run(test);
    LabeledLogits logits = LabeledLogits.of(model, test);
    assertThat(report.get(classification).confusion())
        .isEqualTo(
            ConfusionMatrix.of(
                model.classNames(), logits.evaluate(classification).confusion().counts()));
    assertThat(report.get(calibration).ece(15))
        .isCloseTo(logits.evaluate(calibration).ece(15), within(1e-6));
    assertThat(report.get(CalibrationEvaluator.ofDefaults().withBins(15)))
        .isSameAs(report.get(calibration));
    assertThat(report.values())
        .containsKeys("test/accuracy", "test/nll", "test/brier", "test/ece15", "test/mce15");
    assertThat(report.source()).isEqualTo("shapes/test");
  }

  @Test
  void batch_size_does_not_matter() {
    Evaluation evaluation = Evaluation.of(model).with(ClassificationEvaluator.ofDefaults());
    double whole = evaluation.withBatchSize(1000).run(test).values().get("test/nll");
    assertThat(evaluation.withBatchSize(1).run(test).values().get("test/nll"))
        .isCloseTo(whole, within(1e-6));
  }

  @Test
  void runs_the_network_once_for_all_evaluators() {
    AtomicInteger batches = new AtomicInteger();
    Evaluation.of(model)
        .with(ClassificationEvaluator.ofDefaults())
        .with(CalibrationEvaluator.ofDefaults())
        .withPreprocessing(
            images -> {
              batches.incrementAndGet();
              return images;
            })
        .withBatchSize(10)
        .run(test);
    assertThat(batches).hasValue(3);
  }

  @Test
  void judges_preprocessed_images() {
    Evaluation evaluation = Evaluation.of(model).with(ClassificationEvaluator.ofDefaults());
    INDArray flipped = test.array().neg();
    double expected =
        LabeledLogits.of(model.logits(flipped), test.labels())
            .evaluate(ClassificationEvaluator.ofDefaults())
            .nll();
    assertThat(evaluation.withPreprocessing(INDArray::neg).run(test).values().get("test/nll"))
        .isCloseTo(expected, within(1e-6));
  }

  @Test
  void names_the_split_in_keys() {
    assertThat(
            Evaluation.of(model)
                .with(ClassificationEvaluator.ofDefaults())
                .withSplit("valid")
                .run(test)
                .values())
        .containsKey("valid/accuracy");
  }

  @Test
  void writes_json_with_metrics_and_details() {
    EvaluationReport report =
        Evaluation.of(model)
            .with(ClassificationEvaluator.ofDefaults())
            .with(
                OutOfDistributionEvaluator.of(OutOfDistributionScores.logDensity())
                    .against("noise", Models.source("noise", 7, 2)))
            .run(test);
    JsonNode json = EvaluationFixtures.json(report.toJson());
    assertThat(json.get("metrics").get("test/accuracy").asDouble())
        .isEqualTo(report.values().get("test/accuracy"));
    assertThat(json.get("metrics").has("ood/noise/px/auroc")).isTrue();
    assertThat(json.get("results").get("classification").get("classes").get(0).get("name").asText())
        .isEqualTo("cat");
    assertThat(json.get("results").get("out_of_distribution").get("noise").get("px").has("auroc"))
        .isTrue();
    assertThat(report.toString()).contains("shapes/test", "23 images", "noise", "AUROC");
  }

  @Test
  void scores_out_of_distribution_images_without_labels() {
    int[] unlabeled = new int[9];
    Arrays.fill(unlabeled, Batch.UNLABELED);
    MemorySource far =
        new MemorySource("far", HostImages.copy(Models.images(9, 3).mul(40)), unlabeled);
    OutOfDistributionEvaluator evaluator =
        OutOfDistributionEvaluator.of(
                OutOfDistributionScores.logDensity(), OutOfDistributionScores.approximateMass())
            .against("far", far);
    OutOfDistributionResult result =
        Evaluation.of(model).with(evaluator).withBatchSize(4).run(test).get(evaluator);
    assertThat(result.images()).isEqualTo(23);
    assertThat(result.inScores("px")).hasSize(23);
    assertThat(result.outScores("px", "far")).hasSize(9);
    assertThat(result.detection("px", "far"))
        .isEqualTo(DetectionMetrics.of(result.inScores("px"), result.outScores("px", "far")));
    assertThat(result.threshold("px", 0.1).score()).isEqualTo("px");
    assertThat(result.histogram("px", 8).counts().keySet())
        .containsExactly(OutOfDistributionResult.IN_DISTRIBUTION, "far");
    assertThatThrownBy(() -> result.detection("py", "far"))
        .hasMessage("no score 'py', there are [px, pxgrad]");
    assertThatThrownBy(() -> result.detection("px", "near"))
        .hasMessage("no set 'near', there are [far]");
  }

  @Test
  void merged_accumulators_of_scores_equal_the_whole() {
    OutOfDistributionEvaluator evaluator =
        OutOfDistributionEvaluator.of(OutOfDistributionScores.maxLogit())
            .against("out", Models.source("out", 5, 4));
    EvaluationBatch in = EvaluationBatch.of(EvaluationFixtures.randomLogits(6, 3, 1), new int[6]);
    EvaluationBatch out = EvaluationBatch.of(EvaluationFixtures.randomLogits(4, 3, 2), new int[4]);
    Accumulator<OutOfDistributionResult> whole = evaluator.begin();
    whole.update(in);
    whole.update(out.ofOutOfDistributionSet("out"));
    Accumulator<OutOfDistributionResult> first = evaluator.begin();
    first.update(in);
    Accumulator<OutOfDistributionResult> second = evaluator.begin();
    second.update(out.ofOutOfDistributionSet("out"));
    first.merge(second);
    assertThat(first.compute().detection("max_logit", "out"))
        .isEqualTo(whole.compute().detection("max_logit", "out"));
  }

  private record Renamed(ImageSource source, List<String> classNames) implements ImageSource {
    @Override
    public String name() {
      return "renamed";
    }

    @Override
    public int size() {
      return source.size();
    }

    @Override
    public ImageShape shape() {
      return source.shape();
    }

    @Override
    public int read(int index, float[] target, int offset) {
      return 2 - source.read(index, target, offset);
    }
  }

  @Test
  void classes_of_a_set_are_the_models_classes_of_the_same_name() {
    ClassificationEvaluator classification = ClassificationEvaluator.ofDefaults();
    Evaluation evaluation = Evaluation.of(model).with(classification);
    ImageSource reversed = new Renamed(test, List.of("ship", "dog", "cat"));
    assertThat(evaluation.run(reversed).get(classification))
        .isEqualTo(evaluation.run(test).get(classification));
    assertThat(LabeledLogits.of(model, reversed).labels())
        .isEqualTo(LabeledLogits.of(model, test).labels());
    ImageSource foreign = new Renamed(test, List.of("ship", "dog", "plane"));
    assertThatThrownBy(() -> evaluation.run(foreign))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "renamed has classes that the model does not know: [plane]; the model's are [cat, dog,"
                + " ship]");
    assertThatThrownBy(() -> LabeledLogits.of(model, foreign))
        .hasMessageContaining("classes that the model does not know");
  }

  @Test
  void refuses_an_empty_set() {
    Evaluation evaluation = Evaluation.of(model).with(ClassificationEvaluator.ofDefaults());
    assertThatThrownBy(() -> evaluation.run(Models.source("nothing", 0, 1)))
        .hasMessage("nothing is empty");
  }

  @Test
  void refuses_missing_labels() {
    MemorySource unlabeled =
        new MemorySource("bare", test.pixels(), new int[] {0, Batch.UNLABELED});
    Evaluation evaluation = Evaluation.of(model).with(ClassificationEvaluator.ofDefaults());
    assertThatThrownBy(() -> evaluation.run(unlabeled))
        .hasMessage("image 1 of the batch has no label");
  }

  @Test
  void refuses_no_evaluator() {
    assertThatThrownBy(() -> Evaluation.of(model).run(test))
        .hasMessage("say what to compute: with(evaluator)");
  }

  @Test
  void refuses_the_same_evaluator_twice() {
    Evaluation evaluation = Evaluation.of(model).with(CalibrationEvaluator.ofDefaults());
    assertThatThrownBy(() -> evaluation.with(CalibrationEvaluator.ofDefaults().withBins(3)))
        .hasMessage("there is a 'calibration' evaluator already");
  }

  @Test
  void refuses_bad_settings() {
    assertThatThrownBy(() -> Evaluation.of(model).withBatchSize(0))
        .hasMessage("batch size must be at least 1, was 0");
    assertThatThrownBy(() -> Evaluation.of(model).withSplit(""))
        .hasMessage("the split needs a name");
  }

  @Test
  void refuses_results_it_does_not_have() {
    EvaluationReport report =
        Evaluation.of(model).with(CalibrationEvaluator.ofDefaults().withBins(3)).run(test);
    assertThatThrownBy(() -> report.get(CalibrationEvaluator.ofDefaults()))
        .hasMessage(
            "no result of 'calibration' with these settings, there are results of [calibration]");
  }

  @Test
  void refuses_out_of_distribution_detection_without_sets_or_scores() {
    assertThatThrownBy(() -> OutOfDistributionEvaluator.of())
        .hasMessage("there must be at least one score");
    OutOfDistributionEvaluator evaluator =
        OutOfDistributionEvaluator.of(OutOfDistributionScores.logDensity());
    assertThatThrownBy(evaluator::begin)
        .hasMessage("say what to compare with: against(name, source)");
    assertThatThrownBy(() -> evaluator.against("a/b", test))
        .hasMessage("name of a set must not be empty or contain '/', was 'a/b'");
    assertThatThrownBy(() -> evaluator.against("a", test).against("a", test))
        .hasMessage("there is a set 'a' already");
    assertThatThrownBy(
            () ->
                OutOfDistributionEvaluator.of(
                    OutOfDistributionScores.logDensity(), OutOfDistributionScores.logDensity()))
        .hasMessage("score names repeat: [px, px]");
  }
}
