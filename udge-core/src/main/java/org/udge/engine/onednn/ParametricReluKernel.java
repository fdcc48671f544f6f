package org.udge.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.prelu_backward;
import org.bytedeco.dnnl.prelu_forward;
import org.udge.data.ImageShape;
import org.udge.engine.nodes.Node;
import org.udge.engine.onednn.Step.Argument;

/** The kernel of leaky rectifiers whose slopes are parameters. */
final class ParametricReluKernel implements Kernel {

  private final PlanContext context;
  private final FusedNode fused;
  private final Node.ParametricRelu node;
  private final Buffer source;
  private final memory.desc plainSlopes;
  private final memory.desc slopes;
  private prelu_forward.primitive_desc forward;

  ParametricReluKernel(PlanContext context, FusedNode fused, Node.ParametricRelu node) {
    this.context = context;
    this.fused = fused;
    this.node = node;
    this.source = context.value(node.input());
    ImageShape shape = node.shape();
    long channels = shape.channels();
    if (context.isFlat(node.input())) {
      this.plainSlopes = PlanContext.plain(1, channels);
      this.slopes = plainSlopes;
    } else {
      long[] strides = {shape.size(), 1, channels, channels * shape.height()};
      this.plainSlopes = PlanContext.strided(shape.batch(1), strides);
      this.slopes =
          SampleLayouts.blocked(
              memory.data_type.f32,
              channels == 1 ? 1 : SampleLayouts.block(source),
              shape.batch(1));
    }
  }

  private Buffer packed() {
    return context.packed(node.name() + " slopes", node.slopes(), plainSlopes, slopes);
  }

  @Override
  public void forward() {
    forward =
        new prelu_forward.primitive_desc(
            new prelu_forward.desc(prop_kind.forward_training, source.descriptor(), slopes),
            context.plainAttributes(),
            context.engine());
    Buffer target = context.buffer(node.name(), source.descriptor());
    context.step(
        node.name() + ": parametric relu",
        PlanContext.FORWARD,
        new prelu_forward(forward),
        forward,
        0,
        new Argument(DNNL_ARG_SRC, source),
        new Argument(DNNL_ARG_WEIGHTS, packed()),
        new Argument(DNNL_ARG_DST, target));
    context.define(fused, target);
  }

  @Override
  public void backward() {
    Buffer given = context.takeGradient(node.name(), node.name(), source);
    Buffer result = context.buffer(node.input() + " gradient", source.descriptor());
    Buffer gradient = context.buffer(node.name() + " slopes gradient", slopes);
    prelu_backward.primitive_desc found =
        new prelu_backward.primitive_desc(
            new prelu_backward.desc(source.descriptor(), slopes, given.descriptor(), slopes),
            context.plainAttributes(),
            context.engine(),
            forward);
    context.step(
        node.name() + ": parametric relu gradient",
        context.gradientPhases(node.name()),
        new prelu_backward(found),
        found,
        0,
        new Argument(DNNL_ARG_SRC, source),
        new Argument(DNNL_ARG_WEIGHTS, packed()),
        new Argument(DNNL_ARG_DIFF_DST, given),
        new Argument(DNNL_ARG_DIFF_SRC, result),
        new Argument(DNNL_ARG_DIFF_WEIGHTS, gradient));
    if (node.trained()) {
      context.addToGradients(node.name() + " slopes", gradient, node.slopes(), plainSlopes);
    }
    context.contribute(node.input(), result);
  }
}
