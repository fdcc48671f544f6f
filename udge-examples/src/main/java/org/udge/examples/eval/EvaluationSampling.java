package org.udge.examples.eval;

import org.udge.examples.cli.Numbers;
import org.udge.examples.models.LangevinOptions;
import org.udge.sampling.Langevin;
import org.udge.sampling.Replay;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Langevin dynamics of an evaluation: refinement of images, or sampling. */
final class EvaluationSampling {

  @Option(
      names = "--n_steps",
      defaultValue = "0",
      converter = Numbers.AtLeastZero.class,
      description =
          "Langevin steps. With test_clf, eval_ece, ood and logp_hist, images are refined by this"
              + " many steps before they are evaluated (JEM); with samples, steps per round,"
              + " where 0"
              + " means 20. Default:"
              + " ${DEFAULT-VALUE}.")
  int steps;

  @Mixin private LangevinOptions step;

  @Option(
      names = "--sgld_batch_size",
      defaultValue = "64",
      converter = Numbers.BatchSize.class,
      description = "Chains of fresh samples. Default: ${DEFAULT-VALUE}.")
  int batchSize;

  @Option(
      names = "--n_sample_steps",
      defaultValue = "50",
      converter = Numbers.AtLeastOne.class,
      description =
          "Rounds of sampling: fresh chains continue from round to round, and finally have taken"
              + " this number times --n_steps steps each. The published program requires at least"
              + " 1000. Default:"
              + " ${DEFAULT-VALUE}.")
  int rounds;

  @Option(
      names = "--buffer_size",
      converter = Numbers.Images.class,
      description =
          "Images in the buffer of fresh chains. If there are more than --sgld_batch_size, each"
              + " round moves only that many, chosen at random, and each chain takes fewer steps."
              + " Default:"
              + " --sgld_batch_size.")
  Integer bufferSize;

  @Option(
      names = "--reinit_freq",
      defaultValue = "0",
      converter = Numbers.Fraction.class,
      description =
          "Share of fresh chains that are restarted in each round; above 0, some of the chains"
              + " that are shown and counted are unfinished. Default: ${DEFAULT-VALUE}.")
  double reinitialization;

  @Option(
      names = "--fresh_samples",
      description = "cond_samples: draw new samples instead of using those saved with the model.")
  boolean fresh;

  Langevin langevin() {
    return step.langevin(steps == 0 ? Langevin.ofDefaults().steps() : steps);
  }

  Replay replay() {
    return Replay.ofSize(bufferSize()).withReinitialization(reinitialization);
  }

  int bufferSize() {
    return bufferSize == null ? batchSize : bufferSize;
  }
}
