package org.udge.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.EnergyModel;
import org.udge.loss.CrossEntropy;
import org.udge.loss.MarginalSGLD;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;
import org.udge.sampling.EnergyGradient;
import org.udge.sampling.Langevin;
import org.udge.sampling.LangevinSampler;
import org.udge.sampling.NoiseSource;
import org.udge.sampling.Replay;

/** JEM in the small: a classifier that learns p(x) too. */
class JointTrainingTest {

  private static final int CHAINS = 32;
  private static final Langevin LANGEVIN = Langevin.ofSteps(20);

  private final TinyData data = new TinyData(60, 12);

  @Test
  void samples_after_training_have_lower_energy_than_noise_and_than_samples_before() {
    try (EnergyModel model =
        EnergyModel.builder(WideResNet.of(10, 1))
            .shape(TinyData.SHAPE)
            .classes(TinyData.CLASSES)
            .build()) {
      INDArray before = samples(model);
      MarginalSGLD term =
          MarginalSGLD.ofDefaults()
              .withLangevin(LANGEVIN)
              .withBatchSize(12)
              .withReplay(Replay.ofSize(60));
      Trainer.builder(model, Objective.of(CrossEntropy.ofDefaults()).plus(term))
          .learningRate(LearningRate.constant(1e-3))
          .epochs(8)
          .build()
          .fit(data);
      double ofNoise = meanEnergy(model, noise());
      double ofEarlier = meanEnergy(model, before);
      double ofLater = meanEnergy(model, samples(model));
      assertThat(ofLater).isLessThan(ofNoise - 0.1).isLessThan(ofEarlier - 0.1);
    }
  }

  private static INDArray noise() {
    float[] pixels = new float[CHAINS * TinyData.SHAPE.size()];
    RandomStreams.of(8).stream("noise").fillUniform(pixels, -1, 1);
    return Nd4j.createFromArray(pixels).reshape(TinyData.SHAPE.batch(CHAINS));
  }

  /** From the same noise with the same seeds every time. */
  private static INDArray samples(EnergyModel model) {
    INDArray chains = noise();
    LangevinSampler.of(model.engine(), LANGEVIN)
        .run(
            chains,
            EnergyGradient.marginal(),
            NoiseSource.of(RandomStreams.of(8).stream("langevin")));
    return chains;
  }

  private static double meanEnergy(EnergyModel model, INDArray images) {
    return Arrays.stream(model.energy(images)).average().orElseThrow();
  }
}
