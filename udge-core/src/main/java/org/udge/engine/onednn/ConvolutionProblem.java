package org.udge.engine.onednn;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.udge.data.ImageShape;
import org.udge.engine.nodes.Node;
import org.udge.engine.nodes.Window;

/**
 * A convolution of a batch, described to oneDNN with all layouts left to its choice.
 *
 * <p>Convolutions of size 3x3 and stride 1 with many channels use Winograd's minimal filtering
 * F(4x4, 3x3) (Lavin &amp; Gray 2016) in all three directions; it performs 36 multiplications where
 * the direct algorithm performs 144. Its rounding errors are larger than those of the direct
 * algorithm, but within the tolerances of the tests for all engines: 1e-5 for logits and 1e-4 for
 * gradients. Below the limits defined here, the cost of its transformations outweighs the savings.
 *
 * @param node the layer
 * @param input the shape of one image
 * @param batch the number of images
 * @param type the data type of images and weights
 */
record ConvolutionProblem(
    Node.Convolution node, ImageShape input, int batch, memory.data_type type) {

  private static final int WINOGRAD_CHANNELS = 32;
  private static final int WINOGRAD_CHANNEL_PAIRS = 32 * 64;

  ImageShape output() {
    return node.output(input);
  }

  /**
   * Returns the number of floating-point operations in each direction: a multiplication and an
   * addition for each tap.
   */
  long operations() {
    long[] kernel = node.window().kernels();
    long taps = node.channelsIn() * kernel[0] * kernel[1];
    return 2L * batch * output().size() * taps / node.groups();
  }

  /**
   * Returns [out, in, rows, columns], or [groups, out, in, rows, columns] with out and in of one
   * group.
   */
  long[] weightDimensions() {
    long[] kernel = node.window().kernels();
    int groups = node.groups();
    return groups == 1
        ? new long[] {node.channelsOut(), node.channelsIn(), kernel[0], kernel[1]}
        : new long[] {
          groups, node.channelsOut() / groups, node.channelsIn() / groups, kernel[0], kernel[1]
        };
  }

  /** Returns the layout of the weights in the flat parameters. */
  memory.desc plainWeights() {
    long rows = node.window().rows().kernel();
    long columns = node.window().columns().kernel();
    long taps = rows * columns;
    long in = node.channelsIn();
    long multiplier = node.channelsOut() / in;
    long[] strides =
        switch (node.order()) {
          case OUT_IN_KERNEL -> new long[] {in * taps, taps, columns, 1};
          case IN_OUT_KERNEL -> new long[] {taps, node.channelsOut() * taps, columns, 1};
          case OUT_KERNEL_IN -> new long[] {in * taps, 1, columns * in, in};
          case KERNEL_IN_MULTIPLIER ->
              new long[] {multiplier, 1, 1, columns * in * multiplier, in * multiplier};
          case MULTIPLIER_IN_KERNEL -> new long[] {taps, in * taps, taps, columns, 1};
        };
    return PlanContext.strided(weightDimensions(), strides);
  }

  memory.desc bias() {
    return PlanContext.bias(node.bias(), node.channelsOut());
  }

  private memory.desc images(ImageShape shape) {
    return PlanContext.any(type, shape.batch(batch));
  }

  private memory.desc weights(memory.data_type weightType) {
    return PlanContext.any(weightType, weightDimensions());
  }

  private boolean suitsWinograd() {
    Window window = node.window();
    return node.groups() == 1
        && type.value == memory.data_type.f32.value
        && Arrays.equals(window.kernels(), new long[] {3, 3})
        && Arrays.equals(window.strides(), new long[] {1, 1})
        && !window.isDilated()
        && Math.min(node.channelsIn(), node.channelsOut()) >= WINOGRAD_CHANNELS
        && node.channelsIn() * node.channelsOut() >= WINOGRAD_CHANNEL_PAIRS;
  }

  /**
   * Returns Winograd's algorithm for the forward direction.
   *
   * @param attributes the attributes, without an activation function, which oneDNN cannot fuse here
   * @return the primitive; empty if it is not faster, or oneDNN does not implement it on this CPU
   */
  Optional<convolution_forward.primitive_desc> winogradForward(
      primitive_attr attributes, engine cpu) {
    return winograd(
        algorithm ->
            new convolution_forward.primitive_desc(forward(algorithm), attributes, cpu, true));
  }

  convolution_forward.primitive_desc directForward(primitive_attr attributes, engine cpu) {
    return new convolution_forward.primitive_desc(
        forward(algorithm.convolution_direct), attributes, cpu);
  }

  convolution_backward_data.primitive_desc inputGradient(
      primitive_attr attributes, engine cpu, convolution_forward.primitive_desc forward) {
    return this.<convolution_backward_data.primitive_desc>winograd(
            algorithm ->
                new convolution_backward_data.primitive_desc(
                    inputGradient(algorithm), attributes, cpu, forward, true))
        .orElseGet(
            () ->
                new convolution_backward_data.primitive_desc(
                    inputGradient(algorithm.convolution_direct), attributes, cpu, forward));
  }

  convolution_backward_weights.primitive_desc weightGradient(
      primitive_attr attributes, engine cpu, convolution_forward.primitive_desc forward) {
    return this.<convolution_backward_weights.primitive_desc>winograd(
            algorithm ->
                new convolution_backward_weights.primitive_desc(
                    weightGradient(algorithm), attributes, cpu, forward, true))
        .orElseGet(
            () ->
                new convolution_backward_weights.primitive_desc(
                    weightGradient(algorithm.convolution_direct), attributes, cpu, forward));
  }

  private <D extends primitive_desc_base> Optional<D> winograd(Function<algorithm, D> description) {
    return suitsWinograd()
        ? Optional.of(description.apply(algorithm.convolution_winograd)).filter(D::asBoolean)
        : Optional.empty();
  }

  private convolution_forward.desc forward(algorithm algorithm) {
    Window window = node.window();
    return new convolution_forward.desc(
        prop_kind.forward_training,
        algorithm,
        images(input),
        weights(type),
        bias(),
        images(output()),
        window.strides(),
        PlanContext.gaps(window),
        window.paddingBefore(input),
        window.paddingAfter(input));
  }

  private convolution_backward_data.desc inputGradient(algorithm algorithm) {
    Window window = node.window();
    return new convolution_backward_data.desc(
        algorithm,
        images(input),
        weights(type),
        images(output()),
        window.strides(),
        PlanContext.gaps(window),
        window.paddingBefore(input),
        window.paddingAfter(input));
  }

  /**
   * Returns the description of the weight gradient. Weight gradients are sums over all images, in
   * float32.
   */
  private convolution_backward_weights.desc weightGradient(algorithm algorithm) {
    Window window = node.window();
    return new convolution_backward_weights.desc(
        algorithm,
        images(input),
        weights(memory.data_type.f32),
        bias(),
        images(output()),
        window.strides(),
        PlanContext.gaps(window),
        window.paddingBefore(input),
        window.paddingAfter(input));
  }
}
