package org.udge.evaluation.robustness;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.internal.Checks;
import org.udge.random.RandomStreams;

/**
 * Projected gradient descent (Madry et al. 2018): climbs the cross entropy of the true label within
 * a ball around each image, and within [-1, 1]. One step without random start is the fast gradient
 * (sign) method (Goodfellow et al. 2015): {@link #fastGradient}.
 *
 * <p>Radius and step size are in units of [0, 1] pixels, as in the literature, though images are in
 * [-1, 1]: epsilon 8/255 moves a pixel by up to 16/255 of the latter.
 *
 * <pre>{@code
 * ProjectedGradient attack = ProjectedGradient.linf(8 / 255.0).withSteps(20).withRestarts(5);
 * }</pre>
 *
 * <p>Immutable and thread-safe. Equal settings are equal objects.
 */
public final class ProjectedGradient {

  private final PerturbationNorm norm;
  private final double epsilon;
  private final int steps;
  private final OptionalDouble stepSize;
  private final double stepFactor;
  private final boolean randomStart;
  private final int restarts;
  private final Optional<Refinement> refinement;
  private final int samples;

  private ProjectedGradient(
      PerturbationNorm norm,
      double epsilon,
      int steps,
      OptionalDouble stepSize,
      double stepFactor,
      boolean randomStart,
      int restarts,
      Optional<Refinement> refinement,
      int samples) {
    requireNonNull(norm);
    checkArgument(
        epsilon >= 0 && Double.isFinite(epsilon), "epsilon must not be negative, was %s", epsilon);
    Checks.atLeast(1, "steps", steps);
    stepSize.ifPresent(size -> Checks.positive("step size", size));
    Checks.positive("step factor", stepFactor);
    Checks.atLeast(1, "restarts", restarts);
    requireNonNull(refinement);
    Checks.atLeast(1, "samples", samples);
    checkArgument(
        samples == 1 || refinement.isPresent(), "samples are draws of a refinement, there is none");
    this.norm = norm;
    this.epsilon = epsilon;
    this.steps = steps;
    this.stepSize = stepSize;
    this.stepFactor = stepFactor;
    this.randomStart = randomStart;
    this.restarts = restarts;
    this.refinement = refinement;
    this.samples = samples;
  }

  private static ProjectedGradient of(PerturbationNorm norm, double epsilon) {
    return new ProjectedGradient(
        norm, epsilon, 10, OptionalDouble.empty(), 2.5, true, 1, Optional.empty(), 1);
  }

  /**
   * Each channel of each pixel may change by epsilon.
   *
   * @param epsilon in units of [0, 1] pixels, not negative, for example 8 / 255.
   * @return 10 steps of 2.5 epsilon / 10 from a random start
   * @throws IllegalArgumentException if epsilon is negative
   */
  public static ProjectedGradient linf(double epsilon) {
    return of(PerturbationNorm.LINF, epsilon);
  }

  /**
   * Returns the whole image may change by a Euclidean distance of epsilon.
   *
   * @param epsilon in units of [0, 1] pixels, not negative, for example 0.5
   * @return 10 steps of 2.5 epsilon / 10 from a random start
   * @throws IllegalArgumentException if epsilon is negative
   */
  public static ProjectedGradient l2(double epsilon) {
    return of(PerturbationNorm.L2, epsilon);
  }

  /**
   * Returns a single step of length epsilon from the image itself.
   *
   * @param norm {@link PerturbationNorm#LINF} for the fast gradient sign method
   * @param epsilon in units of [0, 1] pixels, not negative
   * @return the attack
   * @throws IllegalArgumentException if epsilon is negative
   */
  public static ProjectedGradient fastGradient(PerturbationNorm norm, double epsilon) {
    return new ProjectedGradient(
        norm, epsilon, 1, OptionalDouble.empty(), 1, false, 1, Optional.empty(), 1);
  }

  /**
   * With another radius.
   *
   * @param radius in units of [0, 1] pixels, not negative
   * @return the changed attack
   * @throws IllegalArgumentException if it is negative
   */
  public ProjectedGradient withEpsilon(double radius) {
    return new ProjectedGradient(
        norm, radius, steps, stepSize, stepFactor, randomStart, restarts, refinement, samples);
  }

  /**
   * With another number of steps.
   *
   * @param count at least 1; default 10
   * @return the changed attack
   * @throws IllegalArgumentException if it is below 1
   */
  public ProjectedGradient withSteps(int count) {
    return new ProjectedGradient(
        norm, epsilon, count, stepSize, stepFactor, randomStart, restarts, refinement, samples);
  }

  /**
   * With steps of a fixed length.
   *
   * @param length in units of [0, 1] pixels, positive; default 2.5 epsilon / steps
   * @return the changed attack
   * @throws IllegalArgumentException if it is not positive
   */
  public ProjectedGradient withStepSize(double length) {
    return new ProjectedGradient(
        norm,
        epsilon,
        steps,
        OptionalDouble.of(length),
        stepFactor,
        randomStart,
        restarts,
        refinement,
        samples);
  }

  /**
   * With or without a random start.
   *
   * @param random true to start anywhere in the ball; default true
   * @return the changed attack
   */
  public ProjectedGradient withRandomStart(boolean random) {
    return new ProjectedGradient(
        norm, epsilon, steps, stepSize, stepFactor, random, restarts, refinement, samples);
  }

  /**
   * With several tries for images that were not fooled before.
   *
   * @param count at least 1; default 1
   * @return the changed attack
   * @throws IllegalArgumentException if it is below 1
   */
  public ProjectedGradient withRestarts(int count) {
    return new ProjectedGradient(
        norm, epsilon, steps, stepSize, stepFactor, randomStart, count, refinement, samples);
  }

  /**
   * Against a classifier that changes images before it looks at them.
   *
   * @param change what it does to them; default nothing
   * @param draws how many draws of the change are averaged, in the gradient and in the decision; at
   *     least 1
   * @return the changed attack
   * @throws IllegalArgumentException if there is no draw
   */
  public ProjectedGradient withRefinement(Refinement change, int draws) {
    return new ProjectedGradient(
        norm,
        epsilon,
        steps,
        stepSize,
        stepFactor,
        randomStart,
        restarts,
        Optional.of(change),
        draws);
  }

  private String stepText() {
    if (stepSize.isPresent()) {
      return shortest(stepSize.getAsDouble()) + " whatever epsilon";
    }
    return (stepFactor == 1 ? "" : shortest(stepFactor) + " ")
        + "epsilon"
        + (steps == 1 ? "" : " / " + steps);
  }

  private static String shortest(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  /** Length of a step in units of [0, 1] pixels. */
  double step() {
    return stepSize.orElse(stepFactor * epsilon / steps);
  }

  /**
   * Attacks images.
   *
   * @param model the model; stays the caller's
   * @param images float32, [N, C, H, W] in [-1, 1]; not changed
   * @param labels their true classes
   * @param streams where random starts and draws come from
   * @return for each image the end of the first try that fooled the model, or else of the one with
   *     the highest loss
   * @throws IllegalArgumentException if images are not in [-1, 1], or shapes and labels do not fit
   */
  public AdversarialImages perturb(
      EnergyModel model, INDArray images, int[] labels, RandomStreams streams) {
    return new AttackRun(this, model, streams).perturb(images, labels);
  }

  /**
   * Returns the settings in words, with what they mean for the result and whether steps grow with
   * epsilon.
   *
   * @return one line
   */
  public String describe() {
    String ending =
        refinement
            .map(
                r ->
                    "; gradient "
                        + (r.gradientPath() == GradientPath.THROUGH
                            ? "through"
                            : "around (robustness may be overstated)")
                        + " refinement, "
                        + samples
                        + " draws")
            .orElse("");
    return norm
        + ", "
        + steps
        + (steps == 1 ? " step of " : " steps of ")
        + stepText()
        + (randomStart ? " from random starts, " : " from the image, ")
        + restarts
        + (restarts == 1 ? " try" : " tries")
        + ending;
  }

  /**
   * How distance is measured.
   *
   * @return how distance is measured
   */
  public PerturbationNorm norm() {
    return norm;
  }

  /**
   * Radius of the ball in units of [0.
   *
   * @return radius of the ball in units of [0, 1] pixels, not negative
   */
  public double epsilon() {
    return epsilon;
  }

  /**
   * How many.
   *
   * @return how many, at least 1; default 10
   */
  public int steps() {
    return steps;
  }

  /**
   * Length of a step in units of [0.
   *
   * @return length of a step in units of [0, 1] pixels; default: {@code stepFactor} epsilon / steps
   */
  public OptionalDouble stepSize() {
    return stepSize;
  }

  /**
   * See {@code stepSize}.
   *
   * @return see {@code stepSize}; default 2.5
   */
  public double stepFactor() {
    return stepFactor;
  }

  /**
   * Returns whether to start anywhere in the ball.
   *
   * @return whether to start anywhere in the ball; default true
   */
  public boolean randomStart() {
    return randomStart;
  }

  /**
   * How often to try again those that were not fooled.
   *
   * @return how often to try again those that were not fooled, at least 1; default 1
   */
  public int restarts() {
    return restarts;
  }

  /**
   * What happens to images before they are classified.
   *
   * @return what happens to images before they are classified; default nothing
   */
  public Optional<Refinement> refinement() {
    return refinement;
  }

  /**
   * Returns the number of draws of the refinement are averaged in gradients and in decisions
   * ("expectation over transformation".
   *
   * @return how many draws of the refinement are averaged in gradients and in decisions
   *     ("expectation over transformation", Athalye et al. 2018), at least 1; default 1
   */
  public int samples() {
    return samples;
  }

  @Override
  public String toString() {
    return "ProjectedGradient[" + norm + ", epsilon " + epsilon + ": " + describe() + "]";
  }

  private List<Object> values() {
    return List.of(
        norm, epsilon, steps, stepSize, stepFactor, randomStart, restarts, refinement, samples);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ProjectedGradient that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }
}
