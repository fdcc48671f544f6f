package org.udge.sampling;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;

/**
 * Settings of Langevin dynamics: x &larr; x + stepSize d(-E)/dx + noise N(0, 1), repeated for a
 * number of steps.
 *
 * <p>Defaults are those of JEM and HDGE: 20 steps of size 1 with noise 0.01, no clamping, no
 * correction. Start with {@link #ofDefaults()} or {@link #ofSteps(int)} and change what should
 * differ:
 *
 * <pre>{@code
 * Langevin careful = Langevin.ofDefaults().withSteps(40).withNoise(0.02).withSampleBounds(-1, 1);
 * }</pre>
 *
 * <p>When to use each option:
 *
 * <ul>
 *   <li>{@link #withSampleBounds}: when training diverges with samples far outside the pixel range.
 *   <li>{@link #withGradientLimit}: the proximal step of JEM++ (Yang &amp; Ji 2021), which bounds
 *       the change of a pixel in one step; allows fewer, larger steps.
 *   <li>{@link #withInnerSteps}: the other half of JEM++'s sampler, PYLD: several moves per run of
 *       the network.
 *   <li>{@link #withNoise(Schedule)}: annealing, for image quality rather than for training.
 *   <li>{@link #withMetropolis}: exact samples of exp(-E/T), for measurements rather than for
 *       training; choose the noise with {@link #withTemperature}.
 * </ul>
 *
 * <p>Immutable and thread-safe. Settings with equal values are equal.
 */
public final class Langevin {

  private static final double NONE = Double.POSITIVE_INFINITY;

  private record AtTemperature(double temperature, Schedule stepSize) implements Schedule {
    @Override
    public double at(int step, int steps) {
      return Math.sqrt(2 * temperature * stepSize.at(step, steps));
    }
  }

  private final int steps;
  private final Schedule stepSize;
  private final Schedule noise;
  private final double lowest;
  private final double highest;
  private final double gradientLimit;
  private final int innerSteps;
  private final boolean metropolis;

  private Langevin(
      int steps,
      Schedule stepSize,
      Schedule noise,
      double lowest,
      double highest,
      double gradientLimit,
      int innerSteps,
      boolean metropolis) {
    checkArgument(steps > 0, "steps must be at least 1, was %s", steps);
    checkArgument(
        lowest < highest, "bounds of samples must be ascending, were %s and %s", lowest, highest);
    checkArgument(gradientLimit > 0, "gradient limit must be above 0, was %s", gradientLimit);
    checkArgument(innerSteps > 0, "inner steps must be at least 1, were %s", innerSteps);
    checkArgument(
        innerSteps == 1 || !metropolis,
        "the Metropolis correction needs the gradient at every move: inner steps must be 1 with it,"
            + " were %s",
        innerSteps);
    checkEachStep(steps, requireNonNull(stepSize), requireNonNull(noise), metropolis);
    this.steps = steps;
    this.stepSize = stepSize;
    this.noise = noise;
    this.lowest = lowest;
    this.highest = highest;
    this.gradientLimit = gradientLimit;
    this.innerSteps = innerSteps;
    this.metropolis = metropolis;
  }

  private static void checkEachStep(
      int steps, Schedule stepSize, Schedule noise, boolean metropolis) {
    for (int k = 0; k < steps; k++) {
      double size = stepSize.at(k, steps);
      double deviation = noise.at(k, steps);
      checkStep(size > 0 && Double.isFinite(size), "step size must be finite and above 0", size, k);
      checkStep(
          deviation >= 0 && Double.isFinite(deviation),
          "noise must be finite and not negative",
          deviation,
          k);
      checkStep(
          !metropolis || deviation > 0,
          "noise must be above 0 with the Metropolis correction",
          deviation,
          k);
    }
  }

  private static void checkStep(boolean valid, String rule, double value, int step) {
    checkArgument(valid, "%s, was %s at step %s", rule, value, step);
  }

  /**
   * Returns the published settings with another number of steps.
   *
   * @param steps the number of steps, at least 1; published: 20
   * @return settings
   */
  public static Langevin ofSteps(int steps) {
    return new Langevin(
        steps, Schedule.constant(1), Schedule.constant(0.01), -NONE, NONE, NONE, 1, false);
  }

  /**
   * Returns the published settings: 20 steps of size 1 with noise 0.01.
   *
   * @return settings
   */
  public static Langevin ofDefaults() {
    return ofSteps(20);
  }

  /**
   * Returns a copy of these settings with another number of steps.
   *
   * @param count the number of steps, at least 1
   * @return new settings
   */
  public Langevin withSteps(int count) {
    return new Langevin(
        count, stepSize, noise, lowest, highest, gradientLimit, innerSteps, metropolis);
  }

  /**
   * Returns a copy of these settings with another step size, the factor of the gradient.
   *
   * @param size the step size, above 0; default 1
   * @return new settings
   */
  public Langevin withStepSize(double size) {
    return withStepSize(Schedule.constant(size));
  }

  /**
   * Returns a copy of these settings with a schedule of step sizes.
   *
   * @param sizes the step sizes, above 0 at each step
   * @return new settings
   */
  public Langevin withStepSize(Schedule sizes) {
    return new Langevin(
        steps, sizes, noise, lowest, highest, gradientLimit, innerSteps, metropolis);
  }

  /**
   * Returns a copy of these settings with another standard deviation of the noise.
   *
   * @param deviation the standard deviation, not negative; default 0.01
   * @return new settings
   */
  public Langevin withNoise(double deviation) {
    return withNoise(Schedule.constant(deviation));
  }

  /**
   * Returns a copy of these settings with a schedule of the noise's standard deviation.
   *
   * @param deviations the standard deviations, not negative at each step
   * @return new settings
   */
  public Langevin withNoise(Schedule deviations) {
    return new Langevin(
        steps, stepSize, deviations, lowest, highest, gradientLimit, innerSteps, metropolis);
  }

  /**
   * Returns a copy of these settings with the noise for which chains sample from exp(-E/T) in the
   * limit of small steps: noise = sqrt(2 T stepSize) at every step. Set the step size first.
   *
   * @param temperature the temperature T, above 0; 1 samples from the model itself
   * @return new settings
   */
  public Langevin withTemperature(double temperature) {
    checkArgument(
        temperature > 0 && Double.isFinite(temperature),
        "temperature must be finite and above 0, was %s",
        temperature);
    return withNoise(new AtTemperature(temperature, stepSize));
  }

  /**
   * Returns a copy of these settings that clamps samples after each step; with {@link
   * #withMetropolis}, a proposal outside the bounds is rejected instead, so that samples follow the
   * density restricted to that box.
   *
   * @param low the lower bound of pixel values
   * @param high the upper bound of pixel values, above low
   * @return new settings
   */
  public Langevin withSampleBounds(double low, double high) {
    return new Langevin(steps, stepSize, noise, low, high, gradientLimit, innerSteps, metropolis);
  }

  /**
   * Returns a copy of these settings that clamps each element of the gradient before it is
   * multiplied by the step size: the projection of the gradient onto a box, as in JEM++'s proximal
   * Langevin dynamics.
   *
   * @param limit the limit, above 0; JEM++ uses 1
   * @return new settings
   */
  public Langevin withGradientLimit(double limit) {
    return new Langevin(steps, stepSize, noise, lowest, highest, limit, innerSteps, metropolis);
  }

  /**
   * Returns a copy of these settings that moves chains several times per run of the network,
   * through the network's first layer alone: the proximal YOPO Langevin dynamics (PYLD) of JEM++
   * (Yang &amp; Ji 2021), after "You Only Propagate Once" (Zhang et al. 2019). Each of the {@link
   * #steps} runs the whole network at x and computes p = d(-E)/dz at the first layer's z = W x + b;
   * then
   *
   * <pre>
   * n times:  x &larr; clamp(x + stepSize clamp(W' p, -limit, limit), lowest, highest)
   * </pre>
   *
   * with the noise, once per step, added to the last of these moves before it is clamped, so that a
   * single inner step is plain Langevin dynamics (the published program adds the noise after
   * clamping). As z is affine in x, W' p is the same at each of the n moves: it is the network's
   * own gradient with respect to its input, and the inner steps cost almost nothing. With {@code
   * steps} times {@code n} moves, a chain costs 1/n of plain dynamics with as many moves; but the
   * gradient is updated only every n moves, so use smaller steps and {@link #withGradientLimit}.
   * The script of the published program makes 5 times 5 moves of size 0.2 with a limit of 1, and a
   * plain step of size 1 before every 5 moves, which is omitted here.
   *
   * @param count the number n of moves per run of the network, at least 1; default 1
   * @return new settings
   * @throws IllegalArgumentException if it is below 1, or above 1 with the Metropolis correction
   */
  public Langevin withInnerSteps(int count) {
    return new Langevin(steps, stepSize, noise, lowest, highest, gradientLimit, count, metropolis);
  }

  /**
   * Returns a copy of these settings that accepts or rejects each step by the Metropolis-Hastings
   * rule ("MALA", Roberts &amp; Tweedie 1996), for each chain, with the density exp(-E/T) at the
   * {@link #temperature}. Costs one additional evaluation of the network per run. Requires a
   * float32 engine: energy differences of a bfloat16 network are mostly rounding error.
   *
   * @param correct whether to apply the correction; default false
   * @return new settings
   * @throws IllegalArgumentException if there are inner steps, or no noise
   */
  public Langevin withMetropolis(boolean correct) {
    return new Langevin(
        steps, stepSize, noise, lowest, highest, gradientLimit, innerSteps, correct);
  }

  /**
   * Returns the temperature T for which the dynamics samples exp(-E/T) in the limit of small steps:
   * noise&sup2; / (2 stepSize). The published settings have T = 5e-5: chains are close to plain
   * descent of the energy.
   *
   * @param step from 0 to steps - 1
   * @return T
   */
  public double temperature(int step) {
    double deviation = noise.at(step, steps);
    return deviation * deviation / (2 * stepSize.at(step, steps));
  }

  /**
   * Returns the number of steps of a chain, each with a run of the whole network.
   *
   * @return the number of steps, at least 1
   */
  public int steps() {
    return steps;
  }

  /**
   * Returns the step size, the factor of the gradient.
   *
   * @return the schedule, above 0 at each step
   */
  public Schedule stepSize() {
    return stepSize;
  }

  /**
   * Returns the standard deviation of the noise.
   *
   * @return the schedule, not negative at each step
   */
  public Schedule noise() {
    return noise;
  }

  /**
   * Returns the lower bound of samples.
   *
   * @return the bound; -infinity for none
   */
  public double lowest() {
    return lowest;
  }

  /**
   * Returns the upper bound of samples.
   *
   * @return the bound; infinity for none
   */
  public double highest() {
    return highest;
  }

  /**
   * Returns the bound of the absolute value of each element of the gradient.
   *
   * @return the bound, above 0; infinity for none
   */
  public double gradientLimit() {
    return gradientLimit;
  }

  /**
   * Returns the number of moves per run of the network.
   *
   * @return the number of moves, at least 1; 1 is plain Langevin dynamics
   */
  public int innerSteps() {
    return innerSteps;
  }

  /**
   * Returns whether steps are proposals that may be rejected.
   *
   * @return true with the Metropolis correction
   */
  public boolean metropolis() {
    return metropolis;
  }

  private List<Object> values() {
    return List.of(steps, stepSize, noise, lowest, highest, gradientLimit, innerSteps, metropolis);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Langevin that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "Langevin[steps=%s, stepSize=%s, noise=%s, lowest=%s, highest=%s, gradientLimit=%s,"
            + " innerSteps=%s, metropolis=%s]",
        values().toArray());
  }
}
