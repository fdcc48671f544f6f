package org.udge.examples.train;

import org.udge.data.ImageSource;
import org.udge.engine.Precision;
import org.udge.examples.cli.Numbers;
import org.udge.examples.models.LangevinOptions;
import org.udge.sampling.ClassConditionalGaussian;
import org.udge.sampling.Langevin;
import org.udge.sampling.Replay;
import org.udge.sampling.UniformImages;
import org.udge.training.DivergenceGuard;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Langevin dynamics (SGLD) and the replay buffer. */
final class SamplingOptions {

  /** Where new chains start. */
  enum Start {
    UNIFORM,
    INFORMATIVE
  }

  @Option(
      names = "--n_steps",
      defaultValue = "20",
      converter = Numbers.AtLeastOne.class,
      description =
          "Langevin steps per training step. More steps are more stable and slower. Default:"
              + " ${DEFAULT-VALUE}.")
  int steps;

  @Option(
      names = "--in_steps",
      defaultValue = "1",
      converter = Numbers.AtLeastOne.class,
      description =
          "Moves of a chain for each of --n_steps, through the network's first layer alone (PYLD of"
              + " JEM++). They cost almost nothing: with --n_steps 5 --in_steps 4, 20 moves take"
              + " the time of 5. Use a smaller --sgld_lr and --clamp_gradients 1 with it. Default:"
              + " ${DEFAULT-VALUE}, plain Langevin dynamics.")
  int innerSteps;

  @Mixin private LangevinOptions step;

  @Option(
      names = "--sgld_batch_size",
      defaultValue = "64",
      converter = Numbers.BatchSize.class,
      description = "Samples of p(x) per training step. Default: ${DEFAULT-VALUE}.")
  int batchSize;

  @Option(
      names = "--buffer_size",
      defaultValue = "10000",
      converter = Numbers.Images.class,
      description =
          "Images in the replay buffer, where chains continue from step to step. Default:"
              + " ${DEFAULT-VALUE}.")
  int bufferSize;

  @Option(
      names = "--reinit_freq",
      defaultValue = "0.05",
      converter = Numbers.Fraction.class,
      description = "Share of chains that are restarted. Default: ${DEFAULT-VALUE}.")
  double reinitialization;

  @Option(
      names = "--sgld_start",
      defaultValue = "uniform",
      description =
          "Where new chains start: uniform (noise) or informative (a normal distribution per class,"
              + " fitted to the training images, as in JEM++). Use informative if --n_steps is"
              + " small or the first epochs diverge: chains start nearer to images. Default:"
              + " ${DEFAULT-VALUE}.")
  Start start;

  @Option(
      names = "--clamp_samples",
      description =
          "Clamp samples to [-1, 1], the range of images. For runs whose sample_saturation rises"
              + " before they diverge; not part of the published program.")
  boolean clampSamples;

  @Option(
      names = "--clamp_gradients",
      converter = Numbers.Positive.class,
      description =
          "Clamp each element of a chain's gradient to plus or minus this value (JEM++ uses 1),"
              + " so that no step moves a sample far. Costs nothing: the first thing to try if"
              + " energy_gap jumps. Default: no limit.")
  Double gradientLimit;

  @Option(
      names = "--energy_penalty",
      defaultValue = "0",
      converter = Numbers.NotNegative.class,
      description =
          "Weight of the mean squared energies in --pxcontrast, --pxsgld and --pxysgld, to"
              + " prevent divergence. Default: ${DEFAULT-VALUE}.")
  double energyPenalty;

  @Option(
      names = "--guard",
      arity = "1",
      defaultValue = "1",
      converter = Numbers.Switch.class,
      description =
          "1: when training with --pxsgld or --pxysgld diverges, roll back to the last good state"
              + " and continue with a lower rate and more careful sampling, up to three times; 0:"
              + " stop."
              + " Default: ${DEFAULT-VALUE}.")
  boolean guard;

  @Option(
      names = "--guard_gap",
      defaultValue = "1000",
      converter = Numbers.Positive.class,
      description =
          "Divergence criterion of --guard: mean energies of samples and data further apart than"
              + " this, in nats (energy_gap). Lower values detect divergence sooner, but may roll"
              + " back healthy runs. Default:"
              + " ${DEFAULT-VALUE}.")
  double gapLimit;

  @Option(
      names = "--guard_saturation",
      defaultValue = "1",
      converter = Numbers.PositiveFraction.class,
      description =
          "Divergence criterion of --guard: a larger share of the samples' pixels outside (-1, 1)"
              + " (sample_saturation); 1: never. Not with --clamp_samples, which puts pixels on the"
              + " edge. Default: ${DEFAULT-VALUE}.")
  double saturationLimit;

  @Option(
      names = "--sampling_precision",
      description =
          "Arithmetic of the network while samples are drawn: float32 or bfloat16, which is"
              + " faster on"
              + " CPUs with AVX512_BF16 and refused on others. Gradients of the parameters stay in"
              + " --precision. Default: as --precision.")
  Precision precision;

  Langevin langevin() {
    Langevin langevin = step.langevin(steps).withInnerSteps(innerSteps);
    if (clampSamples) {
      langevin = langevin.withSampleBounds(-1, 1);
    }
    return gradientLimit == null ? langevin : langevin.withGradientLimit(gradientLimit);
  }

  DivergenceGuard divergenceGuard() {
    return DivergenceGuard.ofDefaults().withGapLimit(gapLimit).withSaturationLimit(saturationLimit);
  }

  Replay replay(ImageSource training, boolean replacement) {
    return Replay.ofSize(bufferSize)
        .withReinitialization(reinitialization)
        .withReplacement(replacement)
        .withStart(
            start == Start.UNIFORM
                ? UniformImages.ofDefaults()
                : ClassConditionalGaussian.fit(training));
  }
}
