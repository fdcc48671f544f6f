package org.udge.sampling;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Objects;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.random.RandomStream;
import org.udge.state.State;

/**
 * A normal distribution per class, fitted to training images: the informative initialization of
 * JEM++ (Yang &amp; Ji 2021, after Santurkar et al. 2019). Chains that start near the data need
 * fewer steps.
 *
 * <p>The mean has full resolution. The covariance is that of images downsampled by averaging blocks
 * of {@code factor} x {@code factor} pixels, plus 1e-4 on the diagonal; the deviation of a draw
 * from the mean is constant within a block. With factor 1 this is exactly the distribution of
 * JEM++, but then the covariance of 3x32x32 images has 3,072&sup2; entries per class; the default
 * factor of 4 needs 192&sup2;. Draws are clamped to [-1, 1]. If no class is specified, a class is
 * drawn with the probability of its fraction of the images.
 *
 * <p>Immutable and thread-safe. Distributions with the same numbers are equal. {@link #toState()}
 * serializes one.
 */
public final class ClassConditionalGaussian implements InitialDistribution {

  /** Added to the covariance's diagonal, as in JEM++. */
  private static final double RIDGE = 1e-4;

  private final ImageShape shape;
  private final int factor;
  private final double[] shares;
  private final double[][] means;
  private final double[][] roots;

  private ClassConditionalGaussian(
      ImageShape shape, int factor, double[] shares, double[][] means, double[][] roots) {
    this.shape = shape;
    this.factor = factor;
    this.shares = shares;
    this.means = means;
    this.roots = roots;
  }

  /**
   * Fits the distribution with covariances at a quarter of the resolution.
   *
   * @param images labeled training images, at least two of each class, height and width multiples
   *     of 4
   * @return the distribution
   * @throws IllegalArgumentException if images have no labels, a class has fewer than two images,
   *     or height or width is not divisible
   */
  public static ClassConditionalGaussian fit(ImageSource images) {
    return fit(images, 4);
  }

  /**
   * Fits the distribution in one pass over the images.
   *
   * @param images labeled training images, at least two of each class; unlabeled ones among them
   *     are ignored
   * @param factor the side of the blocks that are averaged for the covariance; divides height and
   *     width
   * @return the distribution
   * @throws IllegalArgumentException if images have no labels, a class has fewer than two images,
   *     or height or width is not divisible
   */
  public static ClassConditionalGaussian fit(ImageSource images, int factor) {
    ImageShape shape = images.shape();
    checkArgument(images.classCount() > 0, "images of %s have no labels", images.name());
    checkArgument(
        factor > 0 && shape.height() % factor == 0 && shape.width() % factor == 0,
        "factor must divide the height and width of %s images, was %s",
        shape,
        factor);
    Moments[] moments = new Moments[images.classCount()];
    Arrays.setAll(moments, c -> new Moments(shape.size(), blocks(shape, factor)));
    float[] pixels = new float[shape.size()];
    int labeled = 0;
    for (int i = 0; i < images.size(); i++) {
      int label = images.read(i, pixels, 0);
      if (label != Batch.UNLABELED) {
        moments[label].add(pixels, shrink(pixels, shape, factor));
        labeled++;
      }
    }
    double[] shares = new double[moments.length];
    double[][] means = new double[moments.length][];
    double[][] roots = new double[moments.length][];
    for (int c = 0; c < moments.length; c++) {
      checkArgument(
          moments[c].count >= 2,
          "class %s (%s) has %s labeled images in %s, a normal distribution needs at least 2",
          c,
          images.classNames().get(c),
          moments[c].count,
          images.name());
      shares[c] = (double) moments[c].count / labeled;
      means[c] = moments[c].mean();
      roots[c] = choleskyRoot(moments[c].covariance());
    }
    return new ClassConditionalGaussian(shape, factor, shares, means, roots);
  }

  /**
   * Returns the number of classes that it was fitted to.
   *
   * @return the number of classes
   */
  public int classes() {
    return shares.length;
  }

  @Override
  public float[] draw(ImageShape wanted, int label, RandomStream random) {
    checkArgument(
        wanted.equals(shape), "start was fitted to %s images, not to %s images", shape, wanted);
    checkArgument(
        label >= Batch.UNLABELED && label < shares.length,
        "start was fitted to %s classes, there is no class %s",
        shares.length,
        label);
    int c = label == Batch.UNLABELED ? anyClass(random) : label;
    int blocks = blocks(shape, factor);
    float[] normal = new float[blocks];
    random.fillGaussian(normal);
    float[] deviation = new float[blocks];
    for (int i = 0; i < blocks; i++) {
      double sum = 0;
      for (int j = 0; j <= i; j++) {
        sum += roots[c][i * blocks + j] * normal[j];
      }
      deviation[i] = (float) sum;
    }
    float[] pixels = new float[shape.size()];
    for (int i = 0; i < pixels.length; i++) {
      double value = means[c][i] + deviation[block(i, shape, factor)];
      pixels[i] = (float) Math.min(Math.max(value, -1), 1);
    }
    return pixels;
  }

  private int anyClass(RandomStream random) {
    double left = random.nextDouble();
    for (int c = 0; c < shares.length - 1; c++) {
      left -= shares[c];
      if (left < 0) {
        return c;
      }
    }
    return shares.length - 1;
  }

  private static int blocks(ImageShape shape, int factor) {
    return shape.size() / (factor * factor);
  }

  private static int block(int pixel, ImageShape shape, int factor) {
    int column = pixel % shape.width();
    int row = pixel / shape.width() % shape.height();
    int channel = pixel / (shape.width() * shape.height());
    int rows = shape.height() / factor;
    int columns = shape.width() / factor;
    return (channel * rows + row / factor) * columns + column / factor;
  }

  private static double[] shrink(float[] pixels, ImageShape shape, int factor) {
    double[] means = new double[blocks(shape, factor)];
    double weight = 1.0 / (factor * factor);
    for (int i = 0; i < pixels.length; i++) {
      means[block(i, shape, factor)] += weight * pixels[i];
    }
    return means;
  }

  /** Computes the lower triangular L with L L' = matrix, row by row. */
  private static double[] choleskyRoot(double[][] matrix) {
    int n = matrix.length;
    double[] root = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = matrix[i][j];
        for (int k = 0; k < j; k++) {
          sum -= root[i * n + k] * root[j * n + k];
        }
        root[i * n + j] = i == j ? Math.sqrt(sum) : sum / root[j * n + j];
      }
    }
    return root;
  }

  /**
   * Returns the complete content of the distribution.
   *
   * @return a detached state
   */
  public State toState() {
    State.Builder builder =
        State.builder()
            .put(
                "shape",
                new long[] {shape.channels(), shape.height(), shape.width(), factor, classes()})
            .put("shares", shares);
    for (int c = 0; c < classes(); c++) {
      builder.put("mean" + c, means[c]).put("root" + c, roots[c]);
    }
    return builder.build();
  }

  /**
   * Returns the distribution of a state.
   *
   * @param state from {@link #toState()}
   * @return an equal distribution
   * @throws IllegalArgumentException if an entry is absent or of another type
   */
  public static ClassConditionalGaussian fromState(State state) {
    long[] sizes = state.getLongs("shape");
    ImageShape shape = new ImageShape((int) sizes[0], (int) sizes[1], (int) sizes[2]);
    double[][] means = new double[(int) sizes[4]][];
    double[][] roots = new double[means.length][];
    for (int c = 0; c < means.length; c++) {
      means[c] = state.getDoubles("mean" + c);
      roots[c] = state.getDoubles("root" + c);
    }
    return new ClassConditionalGaussian(
        shape, (int) sizes[3], state.getDoubles("shares"), means, roots);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClassConditionalGaussian that
        && shape.equals(that.shape)
        && factor == that.factor
        && Arrays.equals(shares, that.shares)
        && Arrays.deepEquals(means, that.means)
        && Arrays.deepEquals(roots, that.roots);
  }

  @Override
  public int hashCode() {
    return Objects.hash(shape, factor, Arrays.hashCode(shares), Arrays.deepHashCode(means));
  }

  @Override
  public String toString() {
    return "ClassConditionalGaussian["
        + classes()
        + " classes, "
        + shape
        + ", blocks of "
        + factor
        + " x "
        + factor
        + "]";
  }

  /** Accumulated sums over the images of a class. */
  private static final class Moments {
    private int count;
    private final double[] sum;
    private final double[] blockSum;
    private final double[][] products;

    Moments(int pixels, int blocks) {
      sum = new double[pixels];
      blockSum = new double[blocks];
      products = new double[blocks][];
      Arrays.setAll(products, i -> new double[i + 1]);
    }

    void add(float[] pixels, double[] blocks) {
      count++;
      for (int i = 0; i < sum.length; i++) {
        sum[i] += pixels[i];
      }
      for (int i = 0; i < blocks.length; i++) {
        blockSum[i] += blocks[i];
        double value = blocks[i];
        double[] row = products[i];
        for (int j = 0; j <= i; j++) {
          row[j] += value * blocks[j];
        }
      }
    }

    double[] mean() {
      return Arrays.stream(sum).map(s -> s / count).toArray();
    }

    /** Computes the lower triangle of the maximum likelihood covariance, including the ridge. */
    double[][] covariance() {
      double[][] result = new double[products.length][];
      for (int i = 0; i < result.length; i++) {
        result[i] = new double[i + 1];
        for (int j = 0; j <= i; j++) {
          result[i][j] = (products[i][j] - blockSum[i] * blockSum[j] / count) / count;
        }
        result[i][i] += RIDGE;
      }
      return result;
    }
  }
}
