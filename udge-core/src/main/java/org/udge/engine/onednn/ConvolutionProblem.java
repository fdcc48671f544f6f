package org.udge.engine.onednn;

import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;

/**
 * A convolution of a batch as oneDNN wants it told, with all layouts left for oneDNN to choose.
 *
 * @param node the layer
 * @param input shape of one image
 * @param batch how many images
 * @param type of images and weights
 */
record ConvolutionProblem(Node.Convolution node, Shape input, int batch, memory.data_type type) {

  private static final algorithm ALGORITHM = algorithm.convolution_direct;

  Shape output() {
    return new Shape(
        node.channelsOut(),
        node.window().output(0, input.height()),
        node.window().output(1, input.width()));
  }

  /** Floating-point operations in each direction: a multiplication and an addition for each tap. */
  long operations() {
    long taps = (long) node.channelsIn() * node.window().kernel()[0] * node.window().kernel()[1];
    return 2L * batch * output().size() * taps;
  }

  long[] weightDimensions() {
    int[] kernel = node.window().kernel();
    return new long[] {node.channelsOut(), node.channelsIn(), kernel[0], kernel[1]};
  }

  memory.desc bias() {
    return PlanContext.vector(node.channelsOut());
  }

  private memory.desc images(Shape shape) {
    return PlanContext.any(type, shape.batch(batch));
  }

  private memory.desc weights(memory.data_type weightType) {
    return PlanContext.any(weightType, weightDimensions());
  }

  convolution_forward.desc forward() {
    Window window = node.window();
    return node.bias().isPresent()
        ? new convolution_forward.desc(
            prop_kind.forward_training,
            ALGORITHM,
            images(input),
            weights(type),
            bias(),
            images(output()),
            window.strides(),
            window.gaps(),
            window.paddingBefore(input),
            window.paddingAfter(input))
        : new convolution_forward.desc(
            prop_kind.forward_training,
            ALGORITHM,
            images(input),
            weights(type),
            images(output()),
            window.strides(),
            window.gaps(),
            window.paddingBefore(input),
            window.paddingAfter(input));
  }

  convolution_backward_data.desc inputGradient() {
    Window window = node.window();
    return new convolution_backward_data.desc(
        ALGORITHM,
        images(input),
        weights(type),
        images(output()),
        window.strides(),
        window.gaps(),
        window.paddingBefore(input),
        window.paddingAfter(input));
  }

  /** Weight gradients are sums over all images, and float32. */
  convolution_backward_weights.desc weightGradient() {
    Window window = node.window();
    memory.desc weights = weights(memory.data_type.f32);
    return node.bias().isPresent()
        ? new convolution_backward_weights.desc(
            ALGORITHM,
            images(input),
            weights,
            bias(),
            images(output()),
            window.strides(),
            window.gaps(),
            window.paddingBefore(input),
            window.paddingAfter(input))
        : new convolution_backward_weights.desc(
            ALGORITHM,
            images(input),
            weights,
            images(output()),
            window.strides(),
            window.gaps(),
            window.paddingBefore(input),
            window.paddingAfter(input));
  }
}
