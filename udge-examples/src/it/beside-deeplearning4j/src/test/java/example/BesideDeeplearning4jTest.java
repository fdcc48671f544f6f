package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.zoo.model.LeNet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.udge.EnergyModel;
import org.udge.data.ImageSource;
import org.udge.datasets.ShapesDataset;
import org.udge.datasets.ShuffledBatches;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.Evaluation;
import org.udge.evaluation.calibration.CalibrationEvaluator;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.CrossEntropy;
import org.udge.network.ConvNet;
import org.udge.random.RandomStreams;
import org.udge.serving.EnergyScorer;
import org.udge.training.LearningRate;
import org.udge.training.Objective;
import org.udge.training.Trainer;

class BesideDeeplearning4jTest {

  @TempDir Path folder;

  @Test
  void the_old_libraries_are_the_ones_in_use() {
    assertTrue(jarOf(ImmutableList.class).contains("guava-19"), jarOf(ImmutableList.class));
    assertTrue(jarOf(Logger.class).contains("slf4j-api-1.7"), jarOf(Logger.class));
  }

  @Test
  void a_model_is_trained_judged_saved_loaded_and_asked() throws Exception {
    ImageSource images = ShapesDataset.standard().train(100);
    Objective hybrid =
        Objective.of(CrossEntropy.ofDefaults()).plus(ConditionalContrastive.ofDefaults());
    Path file = folder.resolve("model.zip");
    try (EnergyModel model =
        EnergyModel.builder(ConvNet.of(8, 8)).classNames(images.classNames()).build()) {
      Trainer.builder(model, hybrid)
          .learningRate(LearningRate.constant(1e-3))
          .epochs(1)
          .build()
          .fit(ShuffledBatches.builder(images, 50, RandomStreams.of(1)).build());
      String report =
          Evaluation.of(model)
              .with(ClassificationEvaluator.ofDefaults())
              .with(CalibrationEvaluator.ofDefaults())
              .run(ShapesDataset.standard().test(50))
              .toString();
      assertTrue(report.contains("accuracy"), report);
      model.save(file);
    }
    try (EnergyModel model = EnergyModel.load(file)) {
      assertEquals(2, EnergyScorer.of(model).score(images.read(0, 1).images()).size());
    }
  }

  @Test
  void a_network_of_the_zoo_is_an_energy_model() {
    ComputationGraph graph =
        ((org.deeplearning4j.nn.multilayer.MultiLayerNetwork)
                LeNet.builder().numClasses(3).inputShape(new int[] {3, 32, 32}).build().init())
            .toComputationGraph();
    try (EnergyModel model = EnergyModel.of(graph)) {
      assertEquals(3, model.classNames().size());
    }
  }

  private static String jarOf(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation().toString();
  }
}
