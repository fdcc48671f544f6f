package org.udge.evaluation.robustness;

import static java.util.Objects.requireNonNull;

import java.util.function.BiFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.internal.Checks;
import org.udge.internal.HostImages;
import org.udge.random.RandomStream;

/**
 * A random change of images before classification, which an attack must take into account: noise,
 * or a few steps of Langevin dynamics (Grathwohl et al. 2020, section 5.4).
 *
 * <p>Implementations must be immutable and thread-safe.
 */
public interface Refinement {

  /** Refined images, with the backward pass of the refinement. */
  interface Refined {

    /**
     * Returns the refined images.
     *
     * @return a new array, [N, C, H, W]
     */
    INDArray images();

    /**
     * Converts a gradient with respect to refined images into one with respect to the original
     * images.
     *
     * @param gradient [N, C, H, W]; may be modified
     * @return [N, C, H, W]
     */
    INDArray pullBack(INDArray gradient);
  }

  /**
   * Refines images.
   *
   * @param images [N, C, H, W], not modified
   * @param random the source of randomness
   * @return the refined images
   */
  Refined refine(INDArray images, RandomStream random);

  /**
   * Returns the treatment of the refinement in the gradients of attacks.
   *
   * @return the path of gradients
   */
  GradientPath gradientPath();

  /**
   * Returns a refinement that adds Gaussian noise. Its gradient is exact.
   *
   * @param deviation the standard deviation in units of [-1, 1] pixels, positive
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
   * Returns a refinement by any function, with gradients that go {@linkplain GradientPath#AROUND
   * around} it.
   *
   * @param change receives images and a source of randomness, and returns new images of the same
   *     shape
   * @return the refinement
   */
  static Refinement around(BiFunction<INDArray, RandomStream, INDArray> change) {
    return new FunctionRefinement(requireNonNull(change), GradientPath.AROUND);
  }
}
