package org.udge.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.udge.engine.nodes.ActivationFunction;
import org.udge.engine.onednn.Step.Argument;
import org.udge.engine.onednn.Step.Phase;

/** The steps of activation functions. */
final class EltwiseSteps {

  private EltwiseSteps() {}

  private static algorithm forward(ActivationFunction function) {
    return switch (function.kind()) {
      case RELU -> algorithm.eltwise_relu;
      case ELU -> algorithm.eltwise_elu;
      case CLIP -> algorithm.eltwise_clip_v2;
      case LINEAR -> algorithm.eltwise_linear;
      case SWISH -> algorithm.eltwise_swish;
      case TANH -> algorithm.eltwise_tanh;
      case SIGMOID -> algorithm.eltwise_logistic;
      case SOFTPLUS -> algorithm.eltwise_soft_relu;
      case MISH -> algorithm.eltwise_mish;
      case CUBE -> algorithm.eltwise_pow;
    };
  }

  private static algorithm backward(ActivationFunction function) {
    if (!function.derivativeFromValue()) {
      return forward(function);
    }
    return switch (function.kind()) {
      case RELU -> algorithm.eltwise_relu_use_dst_for_bwd;
      case ELU -> algorithm.eltwise_elu_use_dst_for_bwd;
      case CLIP -> algorithm.eltwise_clip_v2_use_dst_for_bwd;
      case LINEAR -> algorithm.eltwise_linear;
      case TANH -> algorithm.eltwise_tanh_use_dst_for_bwd;
      case SIGMOID -> algorithm.eltwise_logistic_use_dst_for_bwd;
      case SWISH, SOFTPLUS, MISH, CUBE -> throw new AssertionError(function);
    };
  }

  /** Returns oneDNN's first parameter; oneDNN defines a power as alpha x^beta. */
  private static float alpha(ActivationFunction function) {
    return function.kind() == ActivationFunction.Kind.CUBE ? 1 : (float) function.alpha();
  }

  private static float beta(ActivationFunction function) {
    return function.kind() == ActivationFunction.Kind.CUBE ? 3 : (float) function.beta();
  }

  /**
   * Appends the function to the post-operations of another primitive, which applies it to its
   * result.
   */
  static void append(post_ops operations, ActivationFunction function) {
    operations.append_eltwise(1, forward(function), alpha(function), beta(function));
  }

  /** Adds a step for to = function(from); both may be the same buffer. */
  static void forward(
      PlanContext context, String label, ActivationFunction function, Buffer from, Buffer to) {
    eltwise_forward.primitive_desc found = describe(context, forward(function), function, from);
    context.step(
        label + ": " + function,
        PlanContext.FORWARD,
        new eltwise_forward(found),
        found,
        0,
        new Argument(DNNL_ARG_SRC, from),
        new Argument(DNNL_ARG_DST, to));
  }

  /**
   * Adds a step that multiplies a gradient by the derivative of the function, in place.
   *
   * @param kept the value of the function, or its argument if that is needed
   */
  static void backward(
      PlanContext context,
      String label,
      ActivationFunction function,
      Buffer kept,
      Buffer gradient,
      Set<Phase> phases) {
    if (canAddBackward(function, kept)) {
      addBackward(context, label, function, kept, gradient, Optional.empty(), gradient, phases);
      return;
    }
    algorithm operation = backward(function);
    eltwise_backward.desc description =
        new eltwise_backward.desc(
            operation, gradient.descriptor(), kept.descriptor(), alpha(function), beta(function));
    eltwise_backward.primitive_desc found =
        new eltwise_backward.primitive_desc(
            description,
            context.plainAttributes(),
            context.engine(),
            describe(context, operation, function, kept));
    // The derivative of a linear function needs neither; oneDNN expects an argument but does not
    // read it.
    boolean line = function.kind() == ActivationFunction.Kind.LINEAR;
    int role = function.derivativeFromValue() && !line ? DNNL_ARG_DST : DNNL_ARG_SRC;
    context.step(
        label + ": " + function + " backward",
        phases,
        new eltwise_backward(found),
        found,
        0,
        new Argument(role, kept),
        new Argument(DNNL_ARG_DIFF_DST, gradient),
        new Argument(DNNL_ARG_DIFF_SRC, gradient));
  }

  /**
   * Returns whether {@link #addBackward} can be used, which requires a leaky rectifier on blocks of
   * channels.
   *
   * @param kept the value of the function
   */
  static boolean canAddBackward(ActivationFunction function, Buffer kept) {
    return function.kind() == ActivationFunction.Kind.RELU
        && function.alpha() > 0
        && kept.hasLayout(SampleLayouts.channelBlocks(kept));
  }

  /**
   * Adds one step for target = gradient times the derivative of a leaky rectifier, plus an addend
   * if there is one: b = (value &gt;= 0), then (1 - slope) b + slope, times the gradient, plus the
   * addend. oneDNN's own backward rectifier uses only one thread.
   */
  static void addBackward(
      PlanContext context,
      String label,
      ActivationFunction function,
      Buffer value,
      Buffer gradient,
      Optional<Buffer> addend,
      Buffer target,
      Set<Phase> phases) {
    Buffer zero = context.zero(value);
    post_ops operations = new post_ops();
    float slope = (float) function.alpha();
    operations.append_eltwise(1, algorithm.eltwise_linear, 1 - slope, slope);
    operations.append_binary(algorithm.binary_mul, gradient.descriptor());
    List<Argument> arguments = new ArrayList<>();
    arguments.add(new Argument(DNNL_ARG_SRC_0, value));
    arguments.add(new Argument(DNNL_ARG_SRC_1, zero));
    arguments.add(new Argument(postOperand(1), gradient));
    if (addend.isPresent()) {
      operations.append_binary(algorithm.binary_add, addend.get().descriptor());
      arguments.add(new Argument(postOperand(2), addend.get()));
    }
    arguments.add(new Argument(DNNL_ARG_DST, target));
    primitive_attr attributes = context.attributes();
    attributes.set_post_ops(operations);
    binary.desc description =
        new binary.desc(
            algorithm.binary_ge, value.descriptor(), zero.descriptor(), target.descriptor());
    binary.primitive_desc found =
        new binary.primitive_desc(description, attributes, context.engine());
    context.step(
        label + ": " + function + " backward" + (addend.isPresent() ? " + sum" : ""),
        phases,
        new binary(found),
        found,
        0,
        arguments.toArray(Argument[]::new));
  }

  /** Returns the role of the second operand of the binary post-operation at the given position. */
  private static int postOperand(int position) {
    return (DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE * (position + 1)) | DNNL_ARG_SRC_1;
  }

  private static eltwise_forward.primitive_desc describe(
      PlanContext context, algorithm operation, ActivationFunction function, Buffer data) {
    eltwise_forward.desc description =
        new eltwise_forward.desc(
            prop_kind.forward_training,
            operation,
            data.descriptor(),
            alpha(function),
            beta(function));
    return new eltwise_forward.primitive_desc(
        description, context.plainAttributes(), context.engine());
  }
}
