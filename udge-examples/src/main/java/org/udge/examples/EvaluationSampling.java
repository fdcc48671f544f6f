package org.udge.examples;

import org.udge.sampling.Langevin;
import org.udge.sampling.Replay;
import picocli.CommandLine.Option;

/** Langevin dynamics of an evaluation: refinement of images, or samples. */
final class EvaluationSampling {

  @Option(
      names = "--n_steps",
      defaultValue = "0",
      converter = Numbers.AtLeastZero.class,
      description =
          "Langevin steps. With test_clf, eval_ece, OOD and logp_hist, images are refined by so many"
              + " before they are judged (JEM); with samples, steps a round, where 0 means 20. Default:"
              + " ${DEFAULT-VALUE}.")
  int steps;

  @Option(
      names = "--sgld_lr",
      defaultValue = "1.0",
      converter = Numbers.Positive.class,
      description = "Step size. Default: ${DEFAULT-VALUE}.")
  double stepSize;

  @Option(
      names = "--sgld_std",
      defaultValue = "0.01",
      converter = Numbers.NotNegative.class,
      description = "Standard deviation of the noise of a step. Default: ${DEFAULT-VALUE}.")
  double noise;

  @Option(
      names = "--sgld_batch_size",
      defaultValue = "64",
      converter = Numbers.AtLeastOne.class,
      description = "Chains a round. Default: ${DEFAULT-VALUE}.")
  int batchSize;

  @Option(
      names = "--n_sample_steps",
      defaultValue = "100",
      converter = Numbers.AtLeastOne.class,
      description =
          "Rounds of sampling; the published program wants 1000 at least. Default: ${DEFAULT-VALUE}.")
  int rounds;

  @Option(
      names = "--buffer_size",
      defaultValue = "10000",
      converter = Numbers.AtLeastOne.class,
      description = "Images in the buffer of fresh chains. Default: ${DEFAULT-VALUE}.")
  int bufferSize;

  @Option(
      names = "--reinit_freq",
      defaultValue = "0.05",
      converter = Numbers.Fraction.class,
      description = "Share of chains that start anew each round. Default: ${DEFAULT-VALUE}.")
  double reinitialisation;

  @Option(
      names = "--fresh_samples",
      description = "cond_samples: draw new samples rather than take those saved with the model.")
  boolean fresh;

  Langevin langevin() {
    return Langevin.steps(steps == 0 ? Langevin.ofDefaults().steps() : steps)
        .stepSize(stepSize)
        .noise(noise);
  }

  Replay replay() {
    return Replay.size(bufferSize).reinitialisation(reinitialisation);
  }
}
