package org.udge.evaluation.robustness;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.internal.Checks;
import org.udge.internal.HostImages;
import org.udge.random.RandomStream;

/**
 * A few Langevin steps toward lower energy before classification, x &larr; x - stepSize dE(x)/dx +
 * noise N(0, 1), with gradients that are propagated {@linkplain GradientPath#THROUGH through} the
 * steps.
 *
 * <p>Backpropagation through a step multiplies the gradient v by 1 - stepSize H, where H is the
 * matrix of second derivatives of E. H v is computed as the central difference of two energy
 * gradients at x +- {@value #DIFFERENCE} v / ||v||, so a step costs one energy gradient forward and
 * two backward. To bypass the steps instead, pass a sampler to {@link Refinement#around}.
 */
public final class LangevinRefinement implements Refinement {

  private static final double DIFFERENCE = 0.01;

  private final EnergyModel model;
  private final int steps;
  private final double stepSize;
  private final double noise;

  private LangevinRefinement(EnergyModel model, int steps, double stepSize, double noise) {
    requireNonNull(model);
    Checks.atLeast(1, "steps", steps);
    Checks.positive("step size", stepSize);
    checkArgument(
        noise >= 0 && Double.isFinite(noise), "noise must not be negative, was %s", noise);
    this.model = model;
    this.steps = steps;
    this.stepSize = stepSize;
    this.noise = noise;
  }

  /**
   * Returns steps of size 1 with noise 0.01, as in the published programs.
   *
   * @param model the model whose energy is used; the caller keeps ownership
   * @param steps the number of steps, at least 1
   * @return the refinement
   * @throws IllegalArgumentException if there is no step
   */
  public static LangevinRefinement of(EnergyModel model, int steps) {
    return new LangevinRefinement(model, steps, 1, 0.01);
  }

  /**
   * Returns a copy with another step size, the factor of the gradient.
   *
   * @param size the step size, positive; default 1
   * @return a copy
   * @throws IllegalArgumentException if it is not positive
   */
  public LangevinRefinement withStepSize(double size) {
    return new LangevinRefinement(model, steps, size, noise);
  }

  /**
   * Returns a copy with another noise level.
   *
   * @param deviation the standard deviation, not negative; default 0.01
   * @return a copy
   * @throws IllegalArgumentException if it is negative
   */
  public LangevinRefinement withNoise(double deviation) {
    return new LangevinRefinement(model, steps, stepSize, deviation);
  }

  @Override
  public GradientPath gradientPath() {
    return GradientPath.THROUGH;
  }

  @Override
  public Refined refine(INDArray images, RandomStream random) {
    List<float[]> visited = new ArrayList<>();
    long[] shape = images.shape();
    float[] pixels = HostImages.copy(images);
    for (int step = 0; step < steps; step++) {
      visited.add(pixels.clone());
      float[] gradient = energyGradient(pixels, shape);
      for (int j = 0; j < pixels.length; j++) {
        pixels[j] -= (float) (stepSize * gradient[j]);
      }
      random.addGaussian(pixels, noise);
    }
    INDArray refined = HostImages.array(pixels, shape);
    return new Refined() {
      @Override
      public INDArray images() {
        return refined;
      }

      @Override
      public INDArray pullBack(INDArray gradient) {
        float[] v = HostImages.copy(gradient);
        for (int step = steps - 1; step >= 0; step--) {
          backThroughStep(visited.get(step), v, shape);
        }
        return HostImages.array(v, shape);
      }
    };
  }

  private void backThroughStep(float[] position, float[] v, long[] shape) {
    int images = (int) shape[0];
    int size = v.length / images;
    double[] lengths = HostImages.norms(v, images);
    float[] ahead = position.clone();
    float[] behind = position.clone();
    for (int j = 0; j < v.length; j++) {
      double length = lengths[j / size];
      float offset = length == 0 ? 0 : (float) (DIFFERENCE * v[j] / length);
      ahead[j] += offset;
      behind[j] -= offset;
    }
    float[] gradientAhead = energyGradient(ahead, shape);
    float[] gradientBehind = energyGradient(behind, shape);
    for (int j = 0; j < v.length; j++) {
      double curvature = ((double) gradientAhead[j] - gradientBehind[j]) / (2 * DIFFERENCE);
      v[j] -= (float) (stepSize * curvature * lengths[j / size]);
    }
  }

  private float[] energyGradient(float[] pixels, long[] shape) {
    return HostImages.copy(model.energyGradient(HostImages.array(pixels, shape)));
  }

  /**
   * Returns the model whose energy is used.
   *
   * @return the model; the caller keeps ownership
   */
  public EnergyModel model() {
    return model;
  }

  /**
   * Returns the number of steps.
   *
   * @return the number of steps, at least 1
   */
  public int steps() {
    return steps;
  }

  /**
   * Returns the step size, the factor of the gradient.
   *
   * @return the step size, positive; default 1
   */
  public double stepSize() {
    return stepSize;
  }

  /**
   * Returns the standard deviation of the noise of each step.
   *
   * @return the standard deviation, not negative; default 0.01
   */
  public double noise() {
    return noise;
  }

  private List<Object> values() {
    return List.of(model, steps, stepSize, noise);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LangevinRefinement that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }
}
