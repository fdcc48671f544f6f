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
import java.util.Set;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.inner_product_backward_data;
import org.bytedeco.dnnl.inner_product_backward_weights;
import org.bytedeco.dnnl.inner_product_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.udge.engine.nodes.Node;
import org.udge.engine.onednn.Step.Argument;
import org.udge.engine.onednn.Step.Phase;

/**
 * The kernel of a fully connected layer with bias, followed by an activation function, if fused.
 * Always in float32: its cost is small, and logits require full precision.
 */
final class DenseKernel implements Kernel {

  private static final memory.data_type TYPE = memory.data_type.f32;

  private final PlanContext context;
  private final FusedNode fused;
  private final Node.Dense node;
  private long[] inputDimensions = {};
  private inner_product_forward.primitive_desc forward;

  DenseKernel(PlanContext context, FusedNode fused, Node.Dense node) {
    this.context = context;
    this.fused = fused;
    this.node = node;
  }

  @Override
  public void forward() {
    inputDimensions = context.dimensions(node.input());
    forward =
        new inner_product_forward.primitive_desc(
            new inner_product_forward.desc(
                prop_kind.forward_training, anyInput(), anyWeights(), bias(), output()),
            attributes(),
            context.engine());
    List<Argument> arguments = new ArrayList<>();
    Buffer source = context.value(node.input(), forward.src_desc(), PlanContext.FORWARD);
    arguments.add(new Argument(DNNL_ARG_SRC, source));
    arguments.add(new Argument(DNNL_ARG_WEIGHTS, packed(forward.weights_desc())));
    node.bias()
        .ifPresent(
            at ->
                arguments.add(
                    new Argument(
                        DNNL_ARG_BIAS, context.parameter(node.name() + " bias", at, bias()))));
    Buffer result = context.buffer(fused.output(), forward.dst_desc());
    arguments.add(new Argument(DNNL_ARG_DST, result));
    context.step(
        node.name() + ": dense" + fused.activation().map(f -> " + " + f).orElse(""),
        PlanContext.FORWARD,
        new inner_product_forward(forward),
        forward,
        operations(),
        arguments.toArray(Argument[]::new));
    context.define(fused, result);
  }

  private primitive_attr attributes() {
    post_ops operations = new post_ops();
    fused.activation().ifPresent(f -> EltwiseSteps.append(operations, f));
    primitive_attr attributes = context.attributes();
    attributes.set_post_ops(operations);
    return attributes;
  }

  @Override
  public void backward() {
    Set<Phase> phases = context.gradientPhases(fused.output());
    Buffer gradient =
        context.converted(
            node.name() + " gradient", context.takeGradient(fused.output()), output(), phases);
    if (fused.activation().isPresent()) {
      Buffer value = context.value(fused.output());
      EltwiseSteps.backward(
          context, node.name(), fused.activation().get(), value, gradient, phases);
    }
    if (node.trained()) {
      weightGradient(gradient);
    }
    inputGradient(gradient);
  }

  private void weightGradient(Buffer gradient) {
    inner_product_backward_weights.primitive_desc found =
        new inner_product_backward_weights.primitive_desc(
            new inner_product_backward_weights.desc(anyInput(), anyWeights(), bias(), output()),
            context.plainAttributes(),
            context.engine(),
            forward);
    Set<Phase> phases = PlanContext.PARAMETERS_ONLY;
    Buffer weights = context.buffer(node.name() + " weights gradient", found.diff_weights_desc());
    List<Argument> arguments = new ArrayList<>();
    arguments.add(
        new Argument(DNNL_ARG_SRC, context.value(node.input(), found.src_desc(), phases)));
    arguments.add(new Argument(DNNL_ARG_DIFF_DST, gradient));
    arguments.add(new Argument(DNNL_ARG_DIFF_WEIGHTS, weights));
    Buffer bias = null;
    if (node.bias().isPresent()) {
      bias = context.buffer(node.name() + " bias gradient", found.diff_bias_desc());
      arguments.add(new Argument(DNNL_ARG_DIFF_BIAS, bias));
    }
    context.step(
        node.name() + ": dense weights gradient",
        phases,
        new inner_product_backward_weights(found),
        found,
        operations(),
        arguments.toArray(Argument[]::new));
    context.addToGradients(node.name() + " weights", weights, node.weights(), plainWeights());
    if (bias != null) {
      context.addToGradients(node.name() + " bias", bias, node.bias().getAsLong(), bias());
    }
  }

  private void inputGradient(Buffer gradient) {
    inner_product_backward_data.primitive_desc found =
        new inner_product_backward_data.primitive_desc(
            new inner_product_backward_data.desc(anyInput(), anyWeights(), output()),
            context.plainAttributes(),
            context.engine(),
            forward);
    Buffer result = context.buffer(node.input() + " gradient", found.diff_src_desc());
    context.step(
        node.name() + ": dense input gradient",
        context.gradientPhases(node.input()),
        new inner_product_backward_data(found),
        found,
        operations(),
        new Argument(DNNL_ARG_DIFF_DST, gradient),
        new Argument(DNNL_ARG_WEIGHTS, packed(found.weights_desc())),
        new Argument(DNNL_ARG_DIFF_SRC, result));
    context.contribute(node.input(), result);
  }

  private Buffer packed(memory.desc layout) {
    return context.packed(node.name() + " weights", node.weights(), plainWeights(), layout);
  }

  private memory.desc anyInput() {
    return PlanContext.any(TYPE, inputDimensions);
  }

  private memory.desc anyWeights() {
    return PlanContext.any(TYPE, weightDimensions());
  }

  private memory.desc plainWeights() {
    return PlanContext.plain(weightDimensions());
  }

  private long[] weightDimensions() {
    long[] dimensions = inputDimensions.clone();
    dimensions[0] = node.featuresOut();
    return dimensions;
  }

  private memory.desc bias() {
    return PlanContext.bias(node.bias(), node.featuresOut());
  }

  private memory.desc output() {
    return PlanContext.plain(context.batch(), node.featuresOut());
  }

  private long operations() {
    return 2L * context.batch() * node.featuresIn() * node.featuresOut();
  }
}
