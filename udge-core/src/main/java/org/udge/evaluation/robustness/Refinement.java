package org.udge.evaluation.robustness;

import static java.util.Objects.requireNonNull;

import java.util.function.BiFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.internal.Checks;
import org.udge.internal.HostImages;
import org.udge.random.RandomStream;

/**
 * A random change of images before they are classified, which an attack has to reckon with: noise,
 * or a few steps of Langevin dynamics (Grathwohl et al. 2020, section 5.4).
 *
 * <p>Implementations are immutable and thread-safe.
 */
public interface Refinement {

  /** Refined images, and the way back. */
  interface Refined {

    /**
     * Returns the images after the change.
     *
     * @return a new array, [N, C, H, W]
     */
    INDArray images();

    /**
     * Turns a gradient with respect to refined images into one with respect to the images before.
     *
     * @param gradient [N, C, H, W]; may be changed
     * @return [N, C, H, W]
     */
    INDArray pullBack(INDArray gradient);
  }

  /**
   * Changes images.
   *
   * @param images [N, C, H, W], not changed
   * @param random where all randomness comes from
   * @return the changed images
   */
  Refined refine(INDArray images, RandomStream random);

  /**
   * Returns whether attacks see through this.
   *
   * @return the path their gradients take
   */
  GradientPath gradientPath();

  /**
   * Gaussian noise. Its gradient is exact.
   *
   * @param deviation standard deviation in units of [-1, 1] pixels, positive
   * @return the refinement
   * @throws IllegalArgumentException if the deviation is not positive
   */
  static Refinement noise(double deviation) {
    Checks.positive("deviation", deviation);
    return new FunctionRefinement(
        (images, random) -> {
          float[] pixels = HostImages.copy(images);
          random.addGaussian(pixels, deviation);
          return HostImages.array(pixels, images.shape());
        },
        GradientPath.THROUGH);
  }

  /**
   * Any change, with gradients that go {@linkplain GradientPath#AROUND around} it.
   *
   * @param change gets images and a source of randomness, returns new images of the same shape
   * @return the refinement
   */
  static Refinement around(BiFunction<INDArray, RandomStream, INDArray> change) {
    return new FunctionRefinement(requireNonNull(change), GradientPath.AROUND);
  }
}
