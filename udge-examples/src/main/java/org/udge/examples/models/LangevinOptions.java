package org.udge.examples.models;

import org.udge.examples.cli.Numbers;
import org.udge.sampling.Langevin;
import picocli.CommandLine.Option;

/** The step of Langevin dynamics (SGLD). */
public final class LangevinOptions {

  @Option(
      names = "--sgld_lr",
      defaultValue = "1.0",
      converter = Numbers.Positive.class,
      description =
          "Step size of Langevin dynamics: factor of d log p(x)/dx. Default: ${DEFAULT-VALUE}.")
  private double stepSize;

  @Option(
      names = "--sgld_std",
      defaultValue = "0.01",
      converter = Numbers.NotNegative.class,
      description =
          "Standard deviation of the noise of a Langevin step. Default: ${DEFAULT-VALUE}.")
  private double noise;

  /** Dynamics with a number of steps. */
  public Langevin langevin(int steps) {
    return Langevin.ofSteps(steps).withStepSize(stepSize).withNoise(noise);
  }

  public double stepSize() {
    return stepSize;
  }

  public double noise() {
    return noise;
  }
}
