package org.udge.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.dnnl.deconvolution_backward_data;
import org.bytedeco.dnnl.deconvolution_backward_weights;
import org.bytedeco.dnnl.deconvolution_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc_base;
import org.udge.data.ImageShape;
import org.udge.engine.nodes.Node;
import org.udge.engine.nodes.Window;
import org.udge.engine.onednn.Step.Argument;
import org.udge.engine.onednn.Step.Phase;

/** The kernel of a transposed convolution with bias. */
final class DeconvolutionKernel implements Kernel {

  private final PlanContext context;
  private final FusedNode fused;
  private final Node.Deconvolution node;
  private final Window window;
  private final ImageShape input;
  private final ImageShape output;
  private deconvolution_forward.primitive_desc forward;

  DeconvolutionKernel(PlanContext context, FusedNode fused, Node.Deconvolution node) {
    this.context = context;
    this.fused = fused;
    this.node = node;
    this.window = node.window();
    this.input = context.shape(node.input());
    this.output = context.outputShape(node);
  }

  private memory.desc images(ImageShape shape) {
    return PlanContext.any(context.type(), shape.batch(context.batch()));
  }

  private long[] weightDimensions() {
    long[] kernel = window.kernels();
    return new long[] {node.channelsOut(), node.channelsIn(), kernel[0], kernel[1]};
  }

  private memory.desc plainWeights() {
    long[] kernel = window.kernels();
    long taps = kernel[0] * kernel[1];
    return PlanContext.strided(
        weightDimensions(), new long[] {taps, node.channelsOut() * taps, kernel[1], 1});
  }

  private memory.desc weights(memory.data_type type) {
    return PlanContext.any(type, weightDimensions());
  }

  private memory.desc bias() {
    return PlanContext.bias(node.bias(), node.channelsOut());
  }

  private Buffer packed(memory.desc layout) {
    return context.packed(node.name() + " weights", node.weights(), plainWeights(), layout);
  }

  /**
   * The convolution of which this is the backward pass reads the output, so the padding is that of
   * the output.
   */
  @Override
  public void forward() {
    forward =
        new deconvolution_forward.primitive_desc(
            new deconvolution_forward.desc(
                prop_kind.forward_training,
                algorithm.deconvolution_direct,
                images(input),
                weights(context.type()),
                bias(),
                images(output),
                window.strides(),
                PlanContext.gaps(window),
                window.paddingBefore(output),
                window.paddingAfter(output)),
            context.plainAttributes(),
            context.engine());
    List<Argument> arguments = new ArrayList<>();
    arguments.add(
        new Argument(
            DNNL_ARG_SRC, context.value(node.input(), forward.src_desc(), PlanContext.FORWARD)));
    arguments.add(new Argument(DNNL_ARG_WEIGHTS, packed(forward.weights_desc())));
    node.bias()
        .ifPresent(
            at ->
                arguments.add(
                    new Argument(
                        DNNL_ARG_BIAS, context.parameter(node.name() + " bias", at, bias()))));
    Buffer result = context.buffer(node.name(), forward.dst_desc());
    arguments.add(new Argument(DNNL_ARG_DST, result));
    step("", PlanContext.FORWARD, new deconvolution_forward(forward), forward, arguments);
    context.define(fused, result);
  }

  private void step(
      String what,
      Set<Phase> phases,
      primitive code,
      primitive_desc_base found,
      List<Argument> arguments) {
    long[] kernel = window.kernels();
    long operations =
        2L * context.batch() * input.size() * node.channelsOut() * kernel[0] * kernel[1];
    context.step(
        node.name() + ": deconvolution " + window + what,
        phases,
        code,
        found,
        operations,
        arguments.toArray(Argument[]::new));
  }

  @Override
  public void backward() {
    Buffer gradient = context.takeGradient(node.name());
    if (node.trained()) {
      weightGradient(gradient);
    }
    inputGradient(gradient);
  }

  private void weightGradient(Buffer gradient) {
    deconvolution_backward_weights.primitive_desc found =
        new deconvolution_backward_weights.primitive_desc(
            new deconvolution_backward_weights.desc(
                algorithm.deconvolution_direct,
                images(input),
                weights(memory.data_type.f32),
                bias(),
                images(output),
                window.strides(),
                PlanContext.gaps(window),
                window.paddingBefore(output),
                window.paddingAfter(output)),
            context.plainAttributes(),
            context.engine(),
            forward);
    Set<Phase> phases = PlanContext.PARAMETERS_ONLY;
    Buffer result = context.buffer(node.name() + " weights gradient", found.diff_weights_desc());
    List<Argument> arguments = new ArrayList<>();
    arguments.add(
        new Argument(DNNL_ARG_SRC, context.value(node.input(), found.src_desc(), phases)));
    arguments.add(
        new Argument(
            DNNL_ARG_DIFF_DST,
            context.converted(node.name() + " gradient", gradient, found.diff_dst_desc(), phases)));
    arguments.add(new Argument(DNNL_ARG_DIFF_WEIGHTS, result));
    Optional<Buffer> bias =
        node.bias().isPresent()
            ? Optional.of(context.buffer(node.name() + " bias gradient", found.diff_bias_desc()))
            : Optional.empty();
    bias.ifPresent(b -> arguments.add(new Argument(DNNL_ARG_DIFF_BIAS, b)));
    step(" weights gradient", phases, new deconvolution_backward_weights(found), found, arguments);
    context.addToGradients(node.name() + " weights", result, node.weights(), plainWeights());
    bias.ifPresent(
        b -> context.addToGradients(node.name() + " bias", b, node.bias().getAsLong(), bias()));
  }

  private void inputGradient(Buffer gradient) {
    deconvolution_backward_data.primitive_desc found =
        new deconvolution_backward_data.primitive_desc(
            new deconvolution_backward_data.desc(
                algorithm.deconvolution_direct,
                images(input),
                weights(context.type()),
                images(output),
                window.strides(),
                PlanContext.gaps(window),
                window.paddingBefore(output),
                window.paddingAfter(output)),
            context.plainAttributes(),
            context.engine(),
            forward);
    Set<Phase> phases = context.gradientPhases(node.input());
    Buffer given =
        context.converted(node.name() + " gradient", gradient, found.diff_dst_desc(), phases);
    Buffer result = context.buffer(node.input() + " gradient", found.diff_src_desc());
    step(
        " input gradient",
        phases,
        new deconvolution_backward_data(found),
        found,
        List.of(
            new Argument(DNNL_ARG_DIFF_DST, given),
            new Argument(DNNL_ARG_WEIGHTS, packed(found.weights_desc())),
            new Argument(DNNL_ARG_DIFF_SRC, result)));
    context.contribute(node.input(), result);
  }
}
