package example;

import org.udge.evaluation.calibration.CalibrationEvaluator;

import org.udge.evaluation.ClassificationEvaluator;

import java.nio.file.Path;
import org.udge.EnergyModel;
import org.udge.data.ImageSource;
import org.udge.datasets.ShapesDataset;
import org.udge.datasets.ShuffledBatches;
import org.udge.evaluation.Evaluation;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.CrossEntropy;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;
import org.udge.serving.EnergyScorer;
import org.udge.training.LearningRate;
import org.udge.training.Objective;
import org.udge.training.Trainer;
import org.udge.training.TrainingResult;

public final class FirstModel {
  public static void main(String[] args) throws Exception {
    ImageSource images = ShapesDataset.standard().train(1_000); // or CIFAR, PNG files, your own
    Objective hybrid =
        Objective.of(CrossEntropy.ofDefaults())            // -log p(y|x)
            .plus(ConditionalContrastive.ofDefaults());    // -log p(x|y)
    try (EnergyModel model =
        EnergyModel.builder(WideResNet.of(10, 1)).classNames(images.classNames()).build()) {
      TrainingResult result =
          Trainer.builder(model, hybrid).learningRate(LearningRate.constant(2e-3)).epochs(2).build()
              .fit(ShuffledBatches.builder(images, 50, RandomStreams.of(1)).build());
      System.out.println(result);
      System.out.println(Evaluation.of(model)
          .with(ClassificationEvaluator.ofDefaults()).with(CalibrationEvaluator.ofDefaults())
          .run(ShapesDataset.standard().test(500)));
      model.save(Path.of("model.zip"));
      EnergyScorer.of(model).score(images.read(0, 1, 2).images()).forEach(System.out::println);
    }
  }
}
