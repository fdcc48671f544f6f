package org.udge.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineContract;
import org.udge.engine.EngineSettings;
import org.udge.engine.Logits;
import org.udge.interop.ImportedWideResNet;
import org.udge.interop.NpyFile;
import org.udge.interop.PyTorchWideResNet;
import org.udge.interop.Tensor;
import org.udge.loss.CrossEntropy;

/** Energies, their gradients and whole updates against an independent implementation. */
class GoldenModelTest {

  private final INDArray images = npy("x").toINDArray();
  private final int[] labels =
      Arrays.stream(npy("y").toLongs()).mapToInt(Math::toIntExact).toArray();

  private static Path golden(String file) {
    try {
      return Path.of(GoldenModelTest.class.getResource("/golden/" + file).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static Tensor npy(String name) {
    try {
      return NpyFile.read(golden(name + ".npy"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static double number(String name) throws IOException {
    JsonNode json = new ObjectMapper().readTree(golden("golden.json").toFile());
    return json.get(name).doubleValue();
  }

  private static EnergyModel model(EngineChoice engine) throws IOException {
    ImportedWideResNet imported = PyTorchWideResNet.importer().read(golden("wrn_none.pt"));
    return EnergyModel.builder(imported.graph())
        .shape(ImageShape.CIFAR)
        .engine(EngineSettings.of(engine))
        .build();
  }

  @ParameterizedTest
  @EnumSource(EngineChoice.class)
  void energies_and_their_gradients(EngineChoice engine) throws IOException {
    try (EnergyModel model = model(engine)) {
      assertThat(model.logDensity(images))
          .containsExactly(npy("energy_lse").toDoubles(), within(1e-5));
      double[] joint = Arrays.stream(model.energy(images, labels)).map(e -> -e).toArray();
      assertThat(joint).containsExactly(npy("energy_y").toDoubles(), within(1e-5));
      assertImagesClose(model.energyGradient(images).neg(), npy("grad_x_lse").toINDArray());
      assertImagesClose(model.energyGradient(images, labels).neg(), npy("grad_x_y").toINDArray());
    }
  }

  /** One rectifier input of image 3 is within rounding of 0, so float32 may go either way there. */
  private static void assertImagesClose(INDArray actual, INDArray expected) {
    for (int i = 0; i < expected.size(0); i++) {
      EngineContract.assertClose(
          "image " + i, actual.slice(i).dup(), expected.slice(i).dup(), i == 3 ? 5e-3 : 1e-4);
    }
  }

  @ParameterizedTest
  @EnumSource(EngineChoice.class)
  void three_updates(EngineChoice engine) throws IOException {
    assertThat(lossAfterThreeUpdates(engine, Optimizer.adam(), 1e-3))
        .isCloseTo(number("ce_after_3_adam_steps_lr1e-3"), within(1e-4));
    assertThat(
            lossAfterThreeUpdates(
                engine, Optimizer.sgd().withMomentum(0.9).withWeightDecay(5e-4), 0.01))
        .isCloseTo(number("ce_after_3_sgd_momentum0.9_wd5e-4_steps_lr0.01"), within(1e-4));
  }

  private double lossAfterThreeUpdates(EngineChoice engine, Optimizer optimizer, double rate)
      throws IOException {
    try (EnergyModel model = model(engine)) {
      TrainingSession session =
          Trainer.builder(model, Objective.of(CrossEntropy.ofDefaults()))
              .optimizer(optimizer)
              .learningRate(LearningRate.constant(rate))
              .build()
              .begin();
      for (int i = 0; i < 3; i++) {
        session.step(Batch.of(images, labels));
      }
      Logits logits = model.logits(images);
      double sum = 0;
      for (int i = 0; i < labels.length; i++) {
        sum -= logits.logProbability(i, labels[i]);
      }
      return sum / labels.length;
    }
  }
}
