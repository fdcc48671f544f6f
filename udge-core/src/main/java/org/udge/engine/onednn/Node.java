package org.udge.engine.onednn;

import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * One operation of a network, apart from batch and image size. Its name is also its output's.
 *
 * <p>Parameters are given as offsets into the graph's flat parameter array, in floats; gradients
 * have the same offsets in the flat gradient view.
 */
sealed interface Node {

  /** Unique in the network; also the name of the output. */
  String name();

  /** Names of the outputs this one reads. */
  List<String> inputs();

  /** Whether going back needs the (only) input. */
  boolean needsInput();

  /** The same node with other inputs. */
  Node reading(UnaryOperator<String> source);

  /** Whether there are parameters with gradients. */
  default boolean hasParameters() {
    return false;
  }

  /** A node with one input. */
  sealed interface Unary extends Node {
    String input();

    @Override
    default List<String> inputs() {
      return List.of(input());
    }
  }

  /** The images. */
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
    public boolean needsInput() {
      return false;
    }
  }

  /** Convolution; weights [out, in, kernel height, kernel width] in C order. */
  record Convolution(
      String name,
      String input,
      int channelsIn,
      int channelsOut,
      Window window,
      long weights,
      OptionalLong bias)
      implements Unary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Convolution(
          name, source.apply(input), channelsIn, channelsOut, window, weights, bias);
    }

    @Override
    public boolean needsInput() {
      return true;
    }

    @Override
    public boolean hasParameters() {
      return true;
    }
  }

  /**
   * Fully connected layer; weights [in, out] in Fortran order: every output's row is contiguous.
   */
  record Dense(
      String name, String input, int featuresIn, int featuresOut, long weights, OptionalLong bias)
      implements Unary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Dense(name, source.apply(input), featuresIn, featuresOut, weights, bias);
    }

    @Override
    public boolean needsInput() {
      return true;
    }

    @Override
    public boolean hasParameters() {
      return true;
    }
  }

  /** Element-wise function. */
  record Activation(String name, String input, ActivationFunction function) implements Unary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Activation(name, source.apply(input), function);
    }

    @Override
    public boolean needsInput() {
      return !function.derivativeFromValue();
    }
  }

  /** Sum of two or more. */
  record Add(String name, List<String> inputs) implements Node {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Add(name, inputs.stream().map(source).toList());
    }

    @Override
    public boolean needsInput() {
      return false;
    }
  }

  /**
   * Batch normalization; scales and then shifts, [2, channels]. Running statistics too are
   * parameters.
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
      boolean logDeviation)
      implements Unary {
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
          logDeviation);
    }

    @Override
    public boolean needsInput() {
      return true;
    }

    @Override
    public boolean hasParameters() {
      return true;
    }
  }

  /** Statistics of each channel of each image; scales and then shifts, [2, channels]. */
  record InstanceNorm(String name, String input, int channels, double epsilon, long scaleShift)
      implements Unary {
    @Override
    public boolean needsInput() {
      return true;
    }

    @Override
    public Node reading(UnaryOperator<String> source) {
      return new InstanceNorm(name, source.apply(input), channels, epsilon, scaleShift);
    }

    @Override
    public boolean hasParameters() {
      return true;
    }
  }

  /** Statistics of each image; scales and then shifts, [2, channels]. */
  record LayerNorm(String name, String input, int channels, double epsilon, long scaleShift)
      implements Unary {
    @Override
    public boolean needsInput() {
      return true;
    }

    @Override
    public Node reading(UnaryOperator<String> source) {
      return new LayerNorm(name, source.apply(input), channels, epsilon, scaleShift);
    }

    @Override
    public boolean hasParameters() {
      return true;
    }
  }

  /** Scale times (input plus offset), both per channel. */
  record ActNorm(String name, String input, int channels, long offset, long scale)
      implements Unary {
    @Override
    public boolean needsInput() {
      return true;
    }

    @Override
    public Node reading(UnaryOperator<String> source) {
      return new ActNorm(name, source.apply(input), channels, offset, scale);
    }

    @Override
    public boolean hasParameters() {
      return true;
    }
  }

  /** Average or maximum of windows. */
  record Pool(String name, String input, Kind kind, Window window) implements Unary {
    enum Kind {
      MAXIMUM,
      AVERAGE_WITH_PADDING,
      AVERAGE_WITHOUT_PADDING
    }

    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Pool(name, source.apply(input), kind, window);
    }

    @Override
    public boolean needsInput() {
      return false;
    }
  }

  /** Average or maximum of each channel. */
  record GlobalPool(String name, String input, Pool.Kind kind) implements Unary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new GlobalPool(name, source.apply(input), kind);
    }

    @Override
    public boolean needsInput() {
      return false;
    }
  }

  /** Keeps activations with a probability, and scales them to keep the mean. */
  record Dropout(String name, String input, double keep) implements Unary {
    @Override
    public Node reading(UnaryOperator<String> source) {
      return new Dropout(name, source.apply(input), keep);
    }

    @Override
    public boolean needsInput() {
      return false;
    }
  }
}
