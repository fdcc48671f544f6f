package org.udge.engine.nodes;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.udge.data.ImageShape;

/**
 * One operation of a network, independent of batch and image size. Its name is also the name of its
 * output.
 *
 * <p>Parameters are given as offsets into the graph's flat parameter array, in floats; gradients
 * have the same offsets in the flat gradient view, to which they are added. Nodes that are not
 * {@code trained} (frozen layers) have no parameter gradients.
 *
 * <p>Formulas are for one image x of shape [channels, height, width]; nodes are in the order in
 * which Deeplearning4j computes them. All nodes are immutable and thread-safe, and have value
 * equality.
 */
public sealed interface Node {

  /**
   * Returns the name, which is unique in the network and is also the name of the output.
   *
   * @return the name of the layer or vertex, followed, for auxiliary nodes, by a slash and a suffix
   */
  String name();

  /**
   * Returns the names of the outputs that this node reads.
   *
   * @return the names, in order; empty for the node of the images
   */
  List<String> inputs();

  /**
   * Returns a copy of this node with other inputs.
   *
   * @param source maps the name of each input to the name to read instead
   * @return a modified copy
   */
  Node reading(UnaryOperator<String> source);

  /**
   * Infers the shape of the output.
   *
   * @param inputs the shapes of the inputs, in the order of {@link #inputs()}; for the node of the
   *     images, the single shape of the images
   * @return the shape of the output
   * @throws IllegalArgumentException if inputs of these shapes are not supported; the message names
   *     the layer
   */
  ImageShape output(List<ImageShape> inputs);

  /**
   * Returns whether parameter gradients of this node are computed.
   *
   * @return false if the node has no parameters or they are frozen
   */
  default boolean trained() {
    return false;
  }

  /** A node with one input. */
  sealed interface Unary extends Node {

    /**
     * Returns the name of the input.
     *
     * @return the name of a node
     */
    String input();

    @Override
    default List<String> inputs() {
      return List.of(input());
    }

    /**
     * Infers the shape of the output from the single input; most nodes preserve the shape.
     *
     * @param input the shape of the input
     * @return the shape of the output
     */
    default ImageShape output(ImageShape input) {
      return input;
    }

    @Override
    default ImageShape output(List<ImageShape> inputs) {
      return output(inputs.get(0));
    }
  }

  /** A node with two inputs of the same shape. */
  sealed interface Binary extends Node {

    /**
     * Returns the name of the first input.
     *
     * @return the name of a node
     */
    String first();

    /**
     * Returns the name of the second input.
     *
     * @return the name of a node, possibly the same
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

  /** A node with one input that operates on each of a known number of channels. */
  sealed interface PerChannel extends Unary {

    /**
     * Returns the number of channels for which it has parameters.
     *
     * @return the number of channels, at least 1
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
   * The images, as provided by the caller.
   *
   * @param name the name of the input
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

  /** The memory order of the weights of a convolution, slowest axis first. */
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
   * over c = floor(o / m) only.
   *
   * @param name the node
   * @param input the input
   * @param channelsIn the number of channels of x
   * @param channelsOut the number of channels of y
   * @param groups 1, or the number of channels of x
   * @param window kernel, stride, padding and dilation
   * @param order the memory order of the weights
   * @param weights the weights, in that order
   * @param bias the bias, [out], if there is one
   * @param trained whether parameter gradients are computed
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
   * dilation - before, j stride + l dilation - before] is b[o] plus the sum of the contributions
   * w[c, o, k, l] x[c, i, j] at that position.
   *
   * @param name the node
   * @param input the input
   * @param channelsIn the number of channels of x
   * @param channelsOut the number of channels of y
   * @param window kernel, stride, padding and dilation; y is (x - 1) stride + reach - 2 padding
   *     pixels, or x stride in same mode
   * @param weights the weights, [in, out, kernel rows, kernel columns]
   * @param bias the bias, [out], if there is one
   * @param trained whether parameter gradients are computed
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
   * Fully connected layer: y[o] = b[o] + sum over i of w[i, o] x[i], where x is flattened channel
   * by channel, row by row.
   *
   * @param name the node
   * @param input the input
   * @param featuresIn the length of x
   * @param featuresOut the length of y
   * @param weights the weights, [in, out] in Fortran order: the weights of each output are
   *     contiguous
   * @param bias the bias, [out], if there is one
   * @param trained whether parameter gradients are computed
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
   * An element-wise function: y = f(x).
   *
   * @param name the node
   * @param input the input
   * @param function f
   */
  record Activation(String name, String input, ActivationFunction function) implements Unary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Activation(name, source.apply(input), function);
    }
  }

  /**
   * Sum: y = x1 + x2 + ..., all of the same shape. The same input may occur twice.
   *
   * @param name the node
   * @param inputs two or more inputs
   */
  record Add(String name, List<String> inputs) implements Node {

    /**
     * Creates a node with a copy of the list.
     *
     * @param name the node
     * @param inputs two or more inputs
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
   * Element-wise product: y = x1 x2, of the same shape.
   *
   * @param name the node
   * @param first x1
   * @param second x2, possibly the same
   */
  record Product(String name, String first, String second) implements Binary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Product(name, source.apply(first), source.apply(second));
    }
  }

  /**
   * Element-wise maximum: y = max(x1, x2), of the same shape. Where both are equal, the first
   * receives the gradient.
   *
   * @param name the node
   * @param first x1
   * @param second x2, possibly the same
   */
  record Maximum(String name, String first, String second) implements Binary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Maximum(name, source.apply(first), source.apply(second));
    }
  }

  /**
   * Concatenation of the channels of all inputs, in order; heights and widths are equal.
   *
   * @param name the node
   * @param inputs two or more inputs; the same input may occur twice
   */
  record Concatenate(String name, List<String> inputs) implements Node {

    /**
     * Creates a node with a copy of the list.
     *
     * @param name the node
     * @param inputs two or more inputs
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
   * The same values, channel by channel and row by row, as an image of another shape.
   *
   * @param name the node
   * @param input the input
   * @param shape the shape of y
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
   * Zero padding or cropping of an image.
   *
   * @param name the node
   * @param input the input
   * @param top the number of rows added above; negative values crop, here and below
   * @param bottom the number of rows added below
   * @param left the number of columns added on the left
   * @param right the number of columns added on the right
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
   * Repetition of every pixel: y[c, i, j] = x[c, floor(i / rows), floor(j / columns)].
   *
   * @param name the node
   * @param input the input
   * @param rows the number of vertical repetitions
   * @param columns the number of horizontal repetitions
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
   * Local response normalization: y[c] = x[c] (k + alpha sum of x[d]^2)^-beta, where the sum is
   * over the channels d from c - reach to c + reach (Krizhevsky et al. 2012).
   *
   * @param name the node
   * @param input the input
   * @param reach the number of channels on either side
   * @param k the summand
   * @param alpha the factor of the sum
   * @param beta the exponent
   */
  record LocalResponseNorm(
      String name, String input, int reach, double k, double alpha, double beta) implements Unary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new LocalResponseNorm(name, source.apply(input), reach, k, alpha, beta);
    }

    /**
     * Returns the number of channels in a sum.
     *
     * @return 2 reach + 1
     */
    public int size() {
      return 2 * reach + 1;
    }

    /**
     * Returns the factor of the mean over those channels, which oneDNN and ONNX use instead of the
     * sum.
     *
     * @return alpha size
     */
    public double alphaOfMean() {
      return alpha * size();
    }
  }

  /**
   * Normalization of images to norm 1: y = x / max(|x|, epsilon), where |x| is the square root of
   * the sum of all squares.
   *
   * @param name the node
   * @param input the input
   * @param epsilon the lower bound of the divisor
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
   * @param input the input
   * @param slopes the slopes, in the order of {@code shape}, with the channel varying fastest
   * @param shape the shape of the slopes: that of x, or 1 along axes that share them
   * @param trained whether parameter gradients are computed
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
   * the mean and (biased) variance of the batch in mode TRAINING if trained, otherwise the running
   * ones. Running statistics are parameters too. Their entries in the parameter gradient are the
   * values that Deeplearning4j subtracts: (1 - decay) (running - batch).
   *
   * @param name the node
   * @param input the input
   * @param channels the number of channels of x
   * @param epsilon the number added to variances
   * @param decay the decay of running statistics
   * @param affine the scales followed by the shifts, [2, channels]; empty for scale 1 and shift 0
   * @param mean the running means, [channels]
   * @param variance the running variances, [channels]
   * @param logDeviation whether log10 of the standard deviation is stored instead of the variance
   * @param trained whether parameter gradients are computed, and the statistics of the batch used
   *     in training
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
   * Instance normalization: y = scale (x - mean) / sqrt(variance + epsilon) + shift, with
   * statistics of each channel of each image.
   *
   * @param name the node
   * @param input the input
   * @param channels the number of channels of x
   * @param epsilon the number added to variances
   * @param scaleShift the scales followed by the shifts, [2, channels]
   * @param trained whether parameter gradients are computed
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
   * Layer normalization: y = scale (x - mean) / sqrt(variance + epsilon) + shift, with statistics
   * of each image over all its channels, and a scale and shift for each channel.
   *
   * @param name the node
   * @param input the input
   * @param channels the number of channels of x
   * @param epsilon the number added to variances
   * @param scaleShift the scales followed by the shifts, [2, channels]
   * @param trained whether parameter gradients are computed
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
   * @param input the input
   * @param channels the number of channels of x
   * @param offset the offsets, [channels]
   * @param scale the scales, [channels]
   * @param trained whether parameter gradients are computed
   */
  record ActNorm(String name, String input, int channels, long offset, long scale, boolean trained)
      implements PerChannel {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new ActNorm(name, source.apply(input), channels, offset, scale, trained);
    }
  }

  /**
   * Average or maximum over each position of a window, channel by channel. Padding is never the
   * maximum; of several equal maxima, one receives the whole gradient. If an image is smaller than
   * the window, the maximum is taken over the pixels present, as described in {@link
   * Window.Axis#clipped}.
   *
   * @param name the node
   * @param input the input
   * @param kind average or maximum
   * @param window the size, stride and padding
   */
  record Pool(String name, String input, Pool.Kind kind, Window window) implements Unary {

    /** The kinds of pooling. */
    public enum Kind {
      /** The largest value. */
      MAXIMUM,
      /** The sum divided by the size of the window. */
      AVERAGE_WITH_PADDING,
      /** The sum divided by the number of pixels of the window that lie within the image. */
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
   * Average or maximum of each channel: a vector whose length is the number of channels of x.
   *
   * @param name the node
   * @param input the input
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
   * Dropout, in the modes that apply it; y = x in evaluation ({@link Network#withoutDropout}).
   *
   * @param name the node; determines the mask together with the seed of the pass
   * @param input the input
   * @param kind the kind of dropout
   * @param keep the probability of keeping a value, in (0, 1]
   */
  record Dropout(String name, String input, Dropout.Kind kind, double keep) implements Unary {

    /** The kinds of dropout. */
    public enum Kind {
      /** y = x m / keep, where m is 1 with probability keep and otherwise 0, for each value. */
      PLAIN,
      /** As {@link #PLAIN}, with one m for each channel of each image. */
      SPATIAL,
      /**
       * y = a (m x + (1 - m) s) + b, where s = {@link #ALPHA_PRIME}, a = (keep + s^2 keep (1 -
       * keep))^-0.5 and b = -a (1 - keep) s, which preserves mean 0 and variance 1 (Klambauer et
       * al. 2017).
       */
      ALPHA,
      /**
       * y = x (1 + n), where n is normal with mean 0 and variance (1 - keep) / keep, for each
       * value.
       */
      GAUSSIAN;

      /** The limit of a scaled exponential linear unit at negative infinity. */
      public static final double ALPHA_PRIME = -1.0507009873554805 * 1.6732632423543772;
    }

    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Dropout(name, source.apply(input), kind, keep);
    }
  }
}
