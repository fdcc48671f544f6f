package org.udge.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.udge.engine.nodes.ActivationFunction;
import org.udge.engine.nodes.Node;
import org.udge.engine.nodes.Window;
import org.udge.engine.onednn.Step.Argument;
import org.udge.engine.onednn.Step.Phase;

/**
 * The kernel of a convolution with bias, followed by a sum and an activation function, if fused.
 */
final class ConvolutionKernel implements Kernel {

  private final PlanContext context;
  private final FusedNode fused;
  private final Node.Convolution node;
  private final Window window;
  private final ConvolutionProblem problem;
  private convolution_forward.primitive_desc forward;

  ConvolutionKernel(PlanContext context, FusedNode fused, Node.Convolution node) {
    this.context = context;
    this.fused = fused;
    this.node = node;
    this.window = node.window();
    this.problem =
        new ConvolutionProblem(node, context.shape(node.input()), context.batch(), context.type());
  }

  @Override
  public void forward() {
    Optional<convolution_forward.primitive_desc> winograd =
        problem.winogradForward(attributes(Optional.empty()), context.engine());
    Optional<ActivationFunction> activation = fused.activation();
    forward =
        winograd.orElseGet(() -> problem.directForward(attributes(activation), context.engine()));
    List<Argument> arguments = new ArrayList<>();
    Buffer source = context.value(node.input(), forward.src_desc(), PlanContext.FORWARD);
    arguments.add(new Argument(DNNL_ARG_SRC, source));
    arguments.add(new Argument(DNNL_ARG_WEIGHTS, packed(forward.weights_desc())));
    node.bias()
        .ifPresent(
            at ->
                arguments.add(
                    new Argument(
                        DNNL_ARG_BIAS,
                        context.parameter(node.name() + " bias", at, problem.bias()))));
    Buffer result = target(arguments);
    arguments.add(new Argument(DNNL_ARG_DST, result));
    context.step(
        label(winograd.isPresent() ? Optional.empty() : activation),
        PlanContext.FORWARD,
        new convolution_forward(forward),
        forward,
        problem,
        arguments);
    if (winograd.isPresent()) {
      activation.ifPresent(f -> EltwiseSteps.forward(context, node.name(), f, result, result));
    }
    context.define(fused, result);
  }

  private String label(Optional<ActivationFunction> activation) {
    return node.name()
        + ": convolution "
        + window
        + (fused.addend().isPresent() ? " + sum" : "")
        + activation.map(f -> " + " + f).orElse("");
  }

  private primitive_attr attributes(Optional<ActivationFunction> activation) {
    post_ops operations = new post_ops();
    fused
        .addend()
        .ifPresent(
            addend -> {
              if (fused.inPlace()) {
                operations.append_sum();
              } else {
                operations.append_binary(algorithm.binary_add, context.value(addend).descriptor());
              }
            });
    activation.ifPresent(f -> EltwiseSteps.append(operations, f));
    primitive_attr attributes = context.attributes();
    attributes.set_post_ops(operations);
    return attributes;
  }

  /**
   * Returns the destination of the result; adds the addend to the arguments if it is in other
   * memory.
   */
  private Buffer target(List<Argument> arguments) {
    if (fused.addend().isPresent()) {
      Buffer addend = context.value(fused.addend().get());
      if (fused.inPlace()) {
        return context.converted(fused.output(), addend, forward.dst_desc(), PlanContext.FORWARD);
      }
      arguments.add(new Argument(DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE | DNNL_ARG_SRC_1, addend));
    }
    return context.buffer(fused.output(), forward.dst_desc());
  }

  @Override
  public void backward() {
    Buffer gradient = context.takeGradient(fused.output());
    if (fused.activation().isPresent()) {
      Buffer value = context.value(fused.output());
      Set<Phase> phases = context.gradientPhases(fused.output());
      gradient = context.converted(node.name() + " gradient", gradient, value.descriptor(), phases);
      EltwiseSteps.backward(
          context, node.name(), fused.activation().get(), value, gradient, phases);
    }
    if (node.trained()) {
      weightGradient(gradient);
    }
    inputGradient(gradient);
    if (fused.addend().isPresent()) {
      context.contribute(fused.addend().get(), gradient);
    }
  }

  private void weightGradient(Buffer gradient) {
    convolution_backward_weights.primitive_desc found =
        problem.weightGradient(context.plainAttributes(), context.engine(), forward);
    Set<Phase> phases = PlanContext.PARAMETERS_ONLY;
    Buffer source = context.value(node.input(), found.src_desc(), phases);
    Buffer given =
        context.converted(node.name() + " gradient", gradient, found.diff_dst_desc(), phases);
    Buffer weights = context.buffer(node.name() + " weights gradient", found.diff_weights_desc());
    List<Argument> arguments = new ArrayList<>();
    arguments.add(new Argument(DNNL_ARG_SRC, source));
    arguments.add(new Argument(DNNL_ARG_DIFF_DST, given));
    arguments.add(new Argument(DNNL_ARG_DIFF_WEIGHTS, weights));
    Buffer bias = null;
    if (node.bias().isPresent()) {
      bias = context.buffer(node.name() + " bias gradient", found.diff_bias_desc());
      arguments.add(new Argument(DNNL_ARG_DIFF_BIAS, bias));
    }
    context.step(
        node.name() + ": convolution " + window + " weights gradient",
        phases,
        new convolution_backward_weights(found),
        found,
        problem,
        arguments);
    context.addToGradients(node.name() + " weights", weights, node.weights(), plainWeights());
    if (bias != null) {
      context.addToGradients(node.name() + " bias", bias, node.bias().getAsLong(), problem.bias());
    }
  }

  private void inputGradient(Buffer gradient) {
    convolution_backward_data.primitive_desc found =
        problem.inputGradient(context.plainAttributes(), context.engine(), forward);
    Set<Phase> phases = context.gradientPhases(node.input());
    Buffer given =
        context.converted(node.name() + " gradient", gradient, found.diff_dst_desc(), phases);
    Buffer result = context.buffer(node.input() + " gradient", found.diff_src_desc());
    context.step(
        node.name() + ": convolution " + window + " input gradient",
        phases,
        new convolution_backward_data(found),
        found,
        problem,
        List.of(
            new Argument(DNNL_ARG_DIFF_DST, given),
            new Argument(DNNL_ARG_WEIGHTS, packed(found.weights_desc())),
            new Argument(DNNL_ARG_DIFF_SRC, result)));
    context.contribute(node.input(), result);
  }

  private Buffer packed(memory.desc layout) {
    return context.packed(node.name() + " weights", node.weights(), plainWeights(), layout);
  }

  private memory.desc plainWeights() {
    return problem.plainWeights();
  }
}
