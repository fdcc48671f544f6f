package org.udge.engine.nodes;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.udge.data.ImageShape;

/**
 * One operation of a network, apart from batch and image size. Its name is also its output's.
 *
 * <p>Parameters are given as offsets into the graph's flat parameter array, in floats; gradients
 * have the same offsets in the flat gradient view, and are added there. Nodes that are not {@code
 * trained} (frozen layers) get no parameter gradients.
 *
 * <p>Formulas are for one image x of [channels, height, width]; nodes are in the order in which
 * Deeplearning4j computes. All are immutable and thread-safe, and have value equality.
 */
public sealed interface Node {

  /**
   * Unique in the network; also the name of the output.
   *
   * @return the layer's or vertex's name, with what is apart from it after a slash
   */
  String name();

  /**
   * Names of the outputs this one reads.
   *
   * @return in order; the images' node reads none
   */
  List<String> inputs();

  /**
   * The same node with other inputs.
   *
   * @param source from names of inputs to those to read instead
   * @return a changed copy
   */
  Node reading(UnaryOperator<String> source);

  /**
   * Shape inference.
   *
   * @param inputs shapes of what it reads, in the order of {@link #inputs()}; for the images' node
   *     one, the images' own
   * @return shape of the output
   * @throws IllegalArgumentException if inputs of these shapes do not fit; the message names the
   *     layer
   */
  ImageShape output(List<ImageShape> inputs);

  /**
   * Whether parameter gradients of this node are wanted.
   *
   * @return false where there are no parameters or they are frozen
   */
  default boolean trained() {
    return false;
  }

  /** A node with one input. */
  sealed interface Unary extends Node {

    /**
     * What it reads.
     *
     * @return a node's name
     */
    String input();

    @Override
    default List<String> inputs() {
      return List.of(input());
    }

    /**
     * Shape inference for the one input; most nodes leave the shape as it is.
     *
     * @param input its shape
     * @return shape of the output
     */
    default ImageShape output(ImageShape input) {
      return input;
    }

    @Override
    default ImageShape output(List<ImageShape> inputs) {
      return output(inputs.get(0));
    }
  }

  /** A node with two inputs of one shape. */
  sealed interface Binary extends Node {

    /**
     * What it reads.
     *
     * @return a node's name
     */
    String first();

    /**
     * What it reads besides.
     *
     * @return a node's name, perhaps the same
     */
    String second();

    @Override
    default List<String> inputs() {
      return List.of(first(), second());
    }

    @Override
    default ImageShape output(List<ImageShape> shapes) {
      return common(name(), shapes);
    }
  }

  private static ImageShape common(String layer, List<ImageShape> shapes) {
    checkArgument(
        shapes.stream().distinct().count() == 1,
        "layer '%s' wants inputs of one shape, gets %s; Deeplearning4j's own layers, engine graph, may"
            + " repeat the smaller ones",
        layer,
        shapes);
    return shapes.get(0);
  }

  /** A node with one input that works on each of a known number of channels. */
  sealed interface PerChannel extends Unary {

    /**
     * Channels that it has parameters for.
     *
     * @return at least 1
     */
    int channels();

    @Override
    default ImageShape output(ImageShape input) {
      checkChannels(name(), channels(), input);
      return input;
    }
  }

  private static void checkChannels(String layer, int channels, ImageShape input) {
    checkArgument(
        input.channels() == channels,
        "layer '%s' wants %s channels, gets %s (%s)",
        layer,
        channels,
        input.channels(),
        input);
  }

  private static ImageShape moved(String layer, int channels, Window window, ImageShape input) {
    int height = window.rows().output(input.height());
    int width = window.columns().output(input.width());
    return fitting(layer, channels, height, width, window, input);
  }

  private static ImageShape fitting(
      String layer, int channels, int height, int width, Window window, ImageShape input) {
    checkArgument(
        height > 0 && width > 0,
        "layer '%s': images of %s are too small for its window %s",
        layer,
        input,
        window);
    return new ImageShape(channels, height, width);
  }

  /**
   * The images, as the caller gives them.
   *
   * @param name the input's name
   */
  record Images(String name) implements Node {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return this;
    }

    @Override
    public List<String> inputs() {
      return List.of();
    }

    @Override
    public ImageShape output(List<ImageShape> inputs) {
      return inputs.get(0);
    }
  }

  /** How the weights of a convolution lie, slowest axis first. */
  enum WeightOrder {
    /** [out, in, kernel rows, kernel columns]; one group only. */
    OUT_IN_KERNEL,
    /** [in, out, kernel rows, kernel columns]; one group only. */
    IN_OUT_KERNEL,
    /** [out, kernel rows, kernel columns, in]; one group only. */
    OUT_KERNEL_IN,
    /** [kernel rows, kernel columns, in, multiplier]; depthwise only. */
    KERNEL_IN_MULTIPLIER,
    /** [multiplier, in, kernel rows, kernel columns]; depthwise only. */
    MULTIPLIER_IN_KERNEL
  }

  /**
   * Convolution: y[o, i, j] = b[o] + sum over c, k, l of w[o, c, k, l] x[c, i stride + k dilation -
   * before, j stride + l dilation - before], where x is 0 beyond its edges. The sum is over all
   * channels c, or, in depthwise convolutions (as many groups as x has channels, m = out / in),
   * over c = floor(o / m) alone.
   *
   * @param name the node
   * @param input what it reads
   * @param channelsIn of x
   * @param channelsOut of y
   * @param groups 1, or as many as x has channels
   * @param window kernel, stride, padding and dilation
   * @param order how the weights lie
   * @param weights in that order
   * @param bias [out], if there is one
   * @param trained whether parameter gradients are wanted
   */
  record Convolution(
      String name,
      String input,
      int channelsIn,
      int channelsOut,
      int groups,
      Window window,
      WeightOrder order,
      long weights,
      OptionalLong bias,
      boolean trained)
      implements Unary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Convolution(
          name,
          source.apply(input),
          channelsIn,
          channelsOut,
          groups,
          window,
          order,
          weights,
          bias,
          trained);
    }

    @Override
    public ImageShape output(ImageShape input) {
      checkChannels(name, channelsIn, input);
      return moved(name, channelsOut, window, input);
    }
  }

  /**
   * Transposed convolution, the input gradient of a convolution from y to x: y[o, i stride + k
   * dilation - before, j stride + l dilation - before] is b[o] plus the sum of what w[c, o, k, l]
   * x[c, i, j] adds there.
   *
   * @param name the node
   * @param input what it reads
   * @param channelsIn of x
   * @param channelsOut of y
   * @param window kernel, stride, padding and dilation; y is (x - 1) stride + reach - 2 padding
   *     pixels, or x stride in same mode
   * @param weights [in, out, kernel rows, kernel columns]
   * @param bias [out], if there is one
   * @param trained whether parameter gradients are wanted
   */
  record Deconvolution(
      String name,
      String input,
      int channelsIn,
      int channelsOut,
      Window window,
      long weights,
      OptionalLong bias,
      boolean trained)
      implements Unary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Deconvolution(
          name, source.apply(input), channelsIn, channelsOut, window, weights, bias, trained);
    }

    @Override
    public ImageShape output(ImageShape input) {
      checkChannels(name, channelsIn, input);
      int height = window.rows().transposed(input.height());
      int width = window.columns().transposed(input.width());
      return fitting(name, channelsOut, height, width, window, input);
    }
  }

  /**
   * Fully connected layer: y[o] = b[o] + sum over i of w[i, o] x[i], x taken channel by channel,
   * row by row.
   *
   * @param name the node
   * @param input what it reads
   * @param featuresIn length of x
   * @param featuresOut length of y
   * @param weights [in, out] in Fortran order: what makes one output is contiguous
   * @param bias [out], if there is one
   * @param trained whether parameter gradients are wanted
   */
  record Dense(
      String name,
      String input,
      int featuresIn,
      int featuresOut,
      long weights,
      OptionalLong bias,
      boolean trained)
      implements Unary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Dense(name, source.apply(input), featuresIn, featuresOut, weights, bias, trained);
    }

    @Override
    public ImageShape output(ImageShape input) {
      checkArgument(
          input.size() == featuresIn,
          "layer '%s' wants %s features, images of this size give it %s (%s)",
          name,
          featuresIn,
          input.size(),
          input);
      return ImageShape.ofFeatures(featuresOut);
    }
  }

  /**
   * A function of each number: y = f(x).
   *
   * @param name the node
   * @param input what it reads
   * @param function f
   */
  record Activation(String name, String input, ActivationFunction function) implements Unary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Activation(name, source.apply(input), function);
    }
  }

  /**
   * Sum: y = x1 + x2 + ..., all of one shape. The same input may occur twice.
   *
   * @param name the node
   * @param inputs two or more
   */
  record Add(String name, List<String> inputs) implements Node {

    /**
     * Copies the list.
     *
     * @param name the node
     * @param inputs two or more
     */
    public Add {
      inputs = List.copyOf(inputs);
    }

    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Add(name, inputs.stream().map(source).toList());
    }

    @Override
    public ImageShape output(List<ImageShape> shapes) {
      return common(name, shapes);
    }
  }

  /**
   * Product: y = x1 x2, of one shape.
   *
   * @param name the node
   * @param first x1
   * @param second x2, perhaps the same
   */
  record Product(String name, String first, String second) implements Binary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Product(name, source.apply(first), source.apply(second));
    }
  }

  /**
   * Larger of two: y = max(x1, x2), of one shape. Where both are equal, the first gets the
   * gradient.
   *
   * @param name the node
   * @param first x1
   * @param second x2, perhaps the same
   */
  record Maximum(String name, String first, String second) implements Binary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Maximum(name, source.apply(first), source.apply(second));
    }
  }

  /**
   * The channels of all inputs, one after the other; heights and widths are the same.
   *
   * @param name the node
   * @param inputs two or more; the same may occur twice
   */
  record Concatenate(String name, List<String> inputs) implements Node {

    /**
     * Copies the list.
     *
     * @param name the node
     * @param inputs two or more
     */
    public Concatenate {
      inputs = List.copyOf(inputs);
    }

    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Concatenate(name, inputs.stream().map(source).toList());
    }

    @Override
    public ImageShape output(List<ImageShape> shapes) {
      ImageShape first = shapes.get(0);
      checkArgument(
          shapes.stream().allMatch(s -> s.height() == first.height() && s.width() == first.width()),
          "layer '%s' wants inputs of one height and width, gets %s",
          name,
          shapes);
      return new ImageShape(
          shapes.stream().mapToInt(ImageShape::channels).sum(), first.height(), first.width());
    }
  }

  /**
   * The same numbers, channel by channel and row by row, as an image of another shape.
   *
   * @param name the node
   * @param input what it reads
   * @param shape of y
   */
  record Reshape(String name, String input, ImageShape shape) implements Unary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Reshape(name, source.apply(input), shape);
    }

    @Override
    public ImageShape output(ImageShape input) {
      checkArgument(
          input.size() == shape.size(),
          "layer '%s' wants %s numbers, %s, gets %s",
          name,
          shape.size(),
          shape,
          input);
      return shape;
    }
  }

  /**
   * Pixels of 0 around an image, or pixels cut off.
   *
   * @param name the node
   * @param input what it reads
   * @param top rows added above; cut off where negative, as with the others
   * @param bottom rows added below
   * @param left columns added at the left
   * @param right columns added at the right
   */
  record Border(String name, String input, int top, int bottom, int left, int right)
      implements Unary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Border(name, source.apply(input), top, bottom, left, right);
    }

    @Override
    public ImageShape output(ImageShape input) {
      int height = input.height() + top + bottom;
      int width = input.width() + left + right;
      checkArgument(
          height > 0 && width > 0, "layer '%s' leaves nothing of images of %s", name, input);
      return new ImageShape(input.channels(), height, width);
    }
  }

  /**
   * Every pixel repeated: y[c, i, j] = x[c, floor(i / rows), floor(j / columns)].
   *
   * @param name the node
   * @param input what it reads
   * @param rows how often down
   * @param columns how often to the right
   */
  record Upsample(String name, String input, int rows, int columns) implements Unary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Upsample(name, source.apply(input), rows, columns);
    }

    @Override
    public ImageShape output(ImageShape input) {
      return new ImageShape(input.channels(), input.height() * rows, input.width() * columns);
    }
  }

  /**
   * Local response normalization: y[c] = x[c] (k + alpha sum of x[d]^2)^-beta, the sum over the
   * channels d from c - reach to c + reach (Krizhevsky et al. 2012).
   *
   * @param name the node
   * @param input what it reads
   * @param reach channels on either side
   * @param k summand
   * @param alpha factor of the sum
   * @param beta exponent
   */
  record LocalResponseNorm(
      String name, String input, int reach, double k, double alpha, double beta) implements Unary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new LocalResponseNorm(name, source.apply(input), reach, k, alpha, beta);
    }

    /**
     * Channels of a sum.
     *
     * @return 2 reach + 1
     */
    public int size() {
      return 2 * reach + 1;
    }

    /**
     * Factor of the mean over those channels, which oneDNN and ONNX take in place of the sum.
     *
     * @return alpha size
     */
    public double alphaOfMean() {
      return alpha * size();
    }
  }

  /**
   * Images of length 1: y = x / max(|x|, epsilon), |x| the root of the sum of all squares.
   *
   * @param name the node
   * @param input what it reads
   * @param epsilon least length that is divided by
   */
  record UnitNorm(String name, String input, double epsilon) implements Unary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new UnitNorm(name, source.apply(input), epsilon);
    }
  }

  /**
   * Leaky rectifiers whose slopes are parameters: y = max(x, 0) + slope min(x, 0).
   *
   * @param name the node
   * @param input what it reads
   * @param slopes in the order of {@code shape}, the channel running fastest
   * @param shape of the slopes: x's, or 1 along axes that share them
   * @param trained whether parameter gradients are wanted
   */
  record ParametricRelu(String name, String input, long slopes, ImageShape shape, boolean trained)
      implements Unary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new ParametricRelu(name, source.apply(input), slopes, shape, trained);
    }

    @Override
    public ImageShape output(ImageShape input) {
      checkArgument(
          fits(shape.channels(), input.channels())
              && fits(shape.height(), input.height())
              && fits(shape.width(), input.width()),
          "layer '%s' has slopes for %s, gets %s",
          name,
          shape,
          input);
      return input;
    }

    private static boolean fits(int slopes, int size) {
      return slopes == 1 || slopes == size;
    }
  }

  /**
   * Batch normalization: y = scale (x - mean) / sqrt(variance + epsilon) + shift per channel, with
   * the batch's mean and (biased) variance in mode TRAINING where trained, otherwise the running
   * ones. Running statistics too are parameters. What a parameter gradient adds for them is what
   * Deeplearning4j subtracts: (1 - decay) (running - batch).
   *
   * @param name the node
   * @param input what it reads
   * @param channels of x
   * @param epsilon added to variances
   * @param decay of running statistics
   * @param affine scales and then shifts, [2, channels]; none for 1 and 0
   * @param mean running means, [channels]
   * @param variance running variances, [channels]
   * @param logDeviation whether log10 of the deviation is kept in place of the variance
   * @param trained whether parameter gradients are wanted, and the batch's statistics in training
   */
  record BatchNorm(
      String name,
      String input,
      int channels,
      double epsilon,
      double decay,
      OptionalLong affine,
      long mean,
      long variance,
      boolean logDeviation,
      boolean trained)
      implements PerChannel {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new BatchNorm(
          name,
          source.apply(input),
          channels,
          epsilon,
          decay,
          affine,
          mean,
          variance,
          logDeviation,
          trained);
    }
  }

  /**
   * Instance normalization: y = scale (x - mean) / sqrt(variance + epsilon) + shift with statistics
   * of each channel of each image.
   *
   * @param name the node
   * @param input what it reads
   * @param channels of x
   * @param epsilon added to variances
   * @param scaleShift scales and then shifts, [2, channels]
   * @param trained whether parameter gradients are wanted
   */
  record InstanceNorm(
      String name, String input, int channels, double epsilon, long scaleShift, boolean trained)
      implements PerChannel {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new InstanceNorm(name, source.apply(input), channels, epsilon, scaleShift, trained);
    }
  }

  /**
   * Layer normalization: y = scale (x - mean) / sqrt(variance + epsilon) + shift with statistics of
   * each image over all its channels, and scales and shifts of each channel.
   *
   * @param name the node
   * @param input what it reads
   * @param channels of x
   * @param epsilon added to variances
   * @param scaleShift scales and then shifts, [2, channels]
   * @param trained whether parameter gradients are wanted
   */
  record LayerNorm(
      String name, String input, int channels, double epsilon, long scaleShift, boolean trained)
      implements PerChannel {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new LayerNorm(name, source.apply(input), channels, epsilon, scaleShift, trained);
    }
  }

  /**
   * Activation normalization: y = scale (x + offset) per channel.
   *
   * @param name the node
   * @param input what it reads
   * @param channels of x
   * @param offset [channels]
   * @param scale [channels]
   * @param trained whether parameter gradients are wanted
   */
  record ActNorm(String name, String input, int channels, long offset, long scale, boolean trained)
      implements PerChannel {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new ActNorm(name, source.apply(input), channels, offset, scale, trained);
    }
  }

  /**
   * Average or maximum of each position of a window, channel by channel. Padding never is the
   * maximum; of several equal maxima one gets the whole gradient. The maximum of an image that is
   * smaller than the window is taken of what there is, as {@link Window.Axis#clipped} says.
   *
   * @param name the node
   * @param input what it reads
   * @param kind average or maximum
   * @param window size, step and padding
   */
  record Pool(String name, String input, Pool.Kind kind, Window window) implements Unary {

    /** What becomes of the numbers in a window. */
    public enum Kind {
      /** The largest. */
      MAXIMUM,
      /** Sum divided by the size of the window. */
      AVERAGE_WITH_PADDING,
      /** Sum divided by the pixels of the window that are in the image. */
      AVERAGE_WITHOUT_PADDING
    }

    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Pool(name, source.apply(input), kind, window);
    }

    @Override
    public ImageShape output(ImageShape input) {
      if (kind != Kind.MAXIMUM) {
        return moved(name, input.channels(), window, input);
      }
      int height = window.rows().clipped(input.height());
      int width = window.columns().clipped(input.width());
      return fitting(name, input.channels(), height, width, window, input);
    }
  }

  /**
   * Average or maximum of each channel: a vector of as many numbers as x has channels.
   *
   * @param name the node
   * @param input what it reads
   * @param kind average or maximum
   */
  record GlobalPool(String name, String input, Pool.Kind kind) implements Unary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new GlobalPool(name, source.apply(input), kind);
    }

    @Override
    public ImageShape output(ImageShape input) {
      return ImageShape.ofFeatures(input.channels());
    }
  }

  /**
   * Dropout, in the modes that have it; y = x in evaluation ({@link Network#withoutDropout}).
   *
   * @param name the node; decides the mask together with the pass's seed
   * @param input what it reads
   * @param kind what becomes of the numbers
   * @param keep in (0, 1]
   */
  record Dropout(String name, String input, Dropout.Kind kind, double keep) implements Unary {

    /** Kinds of dropout. */
    public enum Kind {
      /** y = x m / keep, m 1 with probability keep, otherwise 0, for each number. */
      PLAIN,
      /** The same with one m for each channel of each image. */
      SPATIAL,
      /**
       * y = a (m x + (1 - m) s) + b, s = {@link #ALPHA_PRIME}, with a = (keep + s^2 keep (1 -
       * keep))^-0.5 and b = -a (1 - keep) s, which leaves mean 0 and variance 1 (Klambauer et al.
       * 2017).
       */
      ALPHA,
      /** y = x (1 + n), n normal with variance (1 - keep) / keep, for each number. */
      GAUSSIAN;

      /** Limit of a scaled exponential linear unit for small arguments. */
      public static final double ALPHA_PRIME = -1.0507009873554805 * 1.6732632423543772;
    }

    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Dropout(name, source.apply(input), kind, keep);
    }
  }
}
