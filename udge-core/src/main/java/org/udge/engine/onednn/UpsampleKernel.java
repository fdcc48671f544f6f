package org.udge.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.resampling_backward;
import org.bytedeco.dnnl.resampling_forward;
import org.udge.engine.nodes.Node;
import org.udge.engine.onednn.Step.Argument;

/** The kernel of pixel repetition, implemented as oneDNN's nearest-neighbor resampling. */
final class UpsampleKernel implements Kernel {

  private final PlanContext context;
  private final FusedNode fused;
  private final Node.Upsample node;
  private resampling_forward.primitive_desc forward;

  UpsampleKernel(PlanContext context, FusedNode fused, Node.Upsample node) {
    this.context = context;
    this.fused = fused;
    this.node = node;
  }

  @Override
  public void forward() {
    Buffer source = context.value(node.input());
    Buffer target =
        context.buffer(
            node.name(),
            SampleLayouts.resized(source, context.outputShape(node).batch(context.batch())));
    forward =
        new resampling_forward.primitive_desc(
            new resampling_forward.desc(
                prop_kind.forward_training,
                algorithm.resampling_nearest,
                source.descriptor(),
                target.descriptor()),
            context.plainAttributes(),
            context.engine());
    context.step(
        node.name() + ": upsampling",
        PlanContext.FORWARD,
        new resampling_forward(forward),
        forward,
        0,
        new Argument(DNNL_ARG_SRC, source),
        new Argument(DNNL_ARG_DST, target));
    context.define(fused, target);
  }

  @Override
  public void backward() {
    Buffer source = context.value(node.input());
    Buffer given = context.takeGradient(node.name(), node.name(), context.value(node.name()));
    Buffer result = context.buffer(node.input() + " gradient", source.descriptor());
    resampling_backward.primitive_desc found =
        new resampling_backward.primitive_desc(
            new resampling_backward.desc(
                algorithm.resampling_nearest, source.descriptor(), given.descriptor()),
            context.plainAttributes(),
            context.engine(),
            forward);
    context.step(
        node.name() + ": upsampling gradient",
        context.gradientPhases(node.input()),
        new resampling_backward(found),
        found,
        0,
        new Argument(DNNL_ARG_DIFF_DST, given),
        new Argument(DNNL_ARG_DIFF_SRC, result));
    context.contribute(node.input(), result);
  }
}
