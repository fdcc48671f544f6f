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
 * Projected gradient descent (Madry et al. 2018): ascends the cross entropy of the true label
 * within a ball around each image, and within [-1, 1]. A single step without a random start is the
 * fast gradient (sign) method (Goodfellow et al. 2015): {@link #fastGradient}.
 *
 * <p>Radius and step size are in units of [0, 1] pixels, as in the literature, though images are in
 * [-1, 1]: epsilon 8/255 moves a pixel by up to 16/255 of the latter.
 *
 * <pre>{@code
 * ProjectedGradient attack = ProjectedGradient.linf(8 / 255.0).withSteps(20).withRestarts(5);
 * }</pre>
 *
 * <p>Immutable and thread-safe. Settings with equal values are equal.
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
   * Returns an attack that may change each channel of each pixel by epsilon.
   *
   * @param epsilon the radius in units of [0, 1] pixels, not negative, for example 8 / 255.
   * @return an attack with 10 steps of 2.5 epsilon / 10 from a random start
   * @throws IllegalArgumentException if epsilon is negative
   */
  public static ProjectedGradient linf(double epsilon) {
    return of(PerturbationNorm.LINF, epsilon);
  }

  /**
   * Returns an attack that may change the whole image by a Euclidean distance of epsilon.
   *
   * @param epsilon the radius in units of [0, 1] pixels, not negative, for example 0.5
   * @return an attack with 10 steps of 2.5 epsilon / 10 from a random start
   * @throws IllegalArgumentException if epsilon is negative
   */
  public static ProjectedGradient l2(double epsilon) {
    return of(PerturbationNorm.L2, epsilon);
  }

  /**
   * Returns an attack with a single step of length epsilon from the unperturbed image.
   *
   * @param norm the norm; {@link PerturbationNorm#LINF} for the fast gradient sign method
   * @param epsilon the radius in units of [0, 1] pixels, not negative
   * @return the attack
   * @throws IllegalArgumentException if epsilon is negative
   */
  public static ProjectedGradient fastGradient(PerturbationNorm norm, double epsilon) {
    return new ProjectedGradient(
        norm, epsilon, 1, OptionalDouble.empty(), 1, false, 1, Optional.empty(), 1);
  }

  /**
   * Returns a copy with another radius.
   *
   * @param radius the radius in units of [0, 1] pixels, not negative
   * @return a copy
   * @throws IllegalArgumentException if it is negative
   */
  public ProjectedGradient withEpsilon(double radius) {
    return new ProjectedGradient(
        norm, radius, steps, stepSize, stepFactor, randomStart, restarts, refinement, samples);
  }

  /**
   * Returns a copy with another number of steps.
   *
   * @param count the number of steps, at least 1; default 10
   * @return a copy
   * @throws IllegalArgumentException if it is below 1
   */
  public ProjectedGradient withSteps(int count) {
    return new ProjectedGradient(
        norm, epsilon, count, stepSize, stepFactor, randomStart, restarts, refinement, samples);
  }

  /**
   * Returns a copy with steps of a fixed length.
   *
   * @param length the length in units of [0, 1] pixels, positive; default 2.5 epsilon / steps
   * @return a copy
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
   * Returns a copy with or without a random start.
   *
   * @param random whether to start anywhere in the ball; default true
   * @return a copy
   */
  public ProjectedGradient withRandomStart(boolean random) {
    return new ProjectedGradient(
        norm, epsilon, steps, stepSize, stepFactor, random, restarts, refinement, samples);
  }

  /**
   * Returns a copy with several attempts on images that did not fool the model before.
   *
   * @param count the number of attempts, at least 1; default 1
   * @return a copy
   * @throws IllegalArgumentException if it is below 1
   */
  public ProjectedGradient withRestarts(int count) {
    return new ProjectedGradient(
        norm, epsilon, steps, stepSize, stepFactor, randomStart, count, refinement, samples);
  }

  /**
   * Returns a copy that attacks a classifier that refines images before classification.
   *
   * @param change the refinement; default none
   * @param draws the number of draws of the refinement that are averaged, in the gradient and in
   *     the decision; at least 1
   * @return a copy
   * @throws IllegalArgumentException if the number of draws is below 1
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
      return shortest(stepSize.getAsDouble()) + " regardless of epsilon";
    }
    return (stepFactor == 1 ? "" : shortest(stepFactor) + " ")
        + "epsilon"
        + (steps == 1 ? "" : " / " + steps);
  }

  private static String shortest(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  /** Returns the length of a step in units of [0, 1] pixels. */
  double step() {
    return stepSize.orElse(stepFactor * epsilon / steps);
  }

  /**
   * Attacks images.
   *
   * @param model the model; the caller keeps ownership
   * @param images float32, [N, C, H, W] in [-1, 1]; not modified
   * @param labels the true classes
   * @param streams the source of random starts and draws
   * @return for each image the end of the first attempt that fooled the model, or else of the
   *     attempt with the highest loss
   * @throws IllegalArgumentException if images are not in [-1, 1], or shapes and labels do not
   *     match
   */
  public AdversarialImages perturb(
      EnergyModel model, INDArray images, int[] labels, RandomStreams streams) {
    return new AttackRun(this, model, streams).perturb(images, labels);
  }

  /**
   * Returns a description of the settings, including their consequences for the result and whether
   * steps grow with epsilon.
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
   * Returns the norm of perturbations.
   *
   * @return the norm
   */
  public PerturbationNorm norm() {
    return norm;
  }

  /**
   * Returns the radius of the ball.
   *
   * @return the radius in units of [0, 1] pixels, not negative
   */
  public double epsilon() {
    return epsilon;
  }

  /**
   * Returns the number of steps.
   *
   * @return the number of steps, at least 1; default 10
   */
  public int steps() {
    return steps;
  }

  /**
   * Returns the length of a step, if it is fixed.
   *
   * @return the length in units of [0, 1] pixels; default: {@code stepFactor} epsilon / steps
   */
  public OptionalDouble stepSize() {
    return stepSize;
  }

  /**
   * Returns the factor of {@code epsilon / steps} that gives the length of a step if no {@link
   * #stepSize} is set.
   *
   * @return the factor; default 2.5
   */
  public double stepFactor() {
    return stepFactor;
  }

  /**
   * Returns whether the attack starts anywhere in the ball.
   *
   * @return whether the start is random; default true
   */
  public boolean randomStart() {
    return randomStart;
  }

  /**
   * Returns the number of attempts on images that did not fool the model before.
   *
   * @return the number of attempts, at least 1; default 1
   */
  public int restarts() {
    return restarts;
  }

  /**
   * Returns the refinement of images before classification.
   *
   * @return the refinement; default none
   */
  public Optional<Refinement> refinement() {
    return refinement;
  }

  /**
   * Returns the number of draws of the refinement that are averaged in gradients and in decisions
   * ("expectation over transformation", Athalye et al. 2018).
   *
   * @return the number of draws, at least 1; default 1
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
