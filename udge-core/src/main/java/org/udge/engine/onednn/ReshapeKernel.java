package org.udge.engine.onednn;

import org.bytedeco.dnnl.memory;
import org.udge.engine.nodes.Node;

/** The kernel of a reshape: a view of the same memory with other sizes. */
record ReshapeKernel(PlanContext context, FusedNode fused, Node.Reshape node) implements Kernel {

  /** Returns whether no step is needed: the input is images that already have the shape. */
  private boolean isNeedless() {
    return !context.isFlat(node.input()) && context.shape(node.input()).equals(node.shape());
  }

  private memory.desc given(Buffer source) {
    return PlanContext.plain(source.descriptor().data_type(), context.dimensions(node.input()));
  }

  private memory.desc wanted(Buffer source) {
    return PlanContext.plain(source.descriptor().data_type(), node.shape().batch(context.batch()));
  }

  @Override
  public void forward() {
    Buffer source = context.value(node.input());
    if (isNeedless()) {
      context.define(fused, source);
      return;
    }
    Buffer plain = context.value(node.input(), given(source), PlanContext.FORWARD);
    context.define(fused, context.view(plain, wanted(source)));
  }

  @Override
  public void backward() {
    Buffer source = context.value(node.input());
    Buffer gradient = context.takeGradient(node.name());
    if (isNeedless()) {
      context.contribute(node.input(), gradient);
      return;
    }
    Buffer plain =
        context.converted(
            node.name() + " gradient",
            gradient,
            wanted(source),
            context.gradientPhases(node.input()));
    context.contribute(node.input(), context.view(plain, given(source)));
  }
}
