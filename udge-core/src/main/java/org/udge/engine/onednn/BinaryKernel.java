package org.udge.engine.onednn;

import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.udge.engine.nodes.Node;

/** A kernel that combines two tensors element-wise. */
abstract class BinaryKernel implements Kernel {

  final PlanContext context;
  final Node.Binary node;

  /** The prefix of step labels. */
  final String label;

  private final FusedNode fused;
  private final algorithm operation;

  BinaryKernel(
      PlanContext context, FusedNode fused, Node.Binary node, String what, algorithm operation) {
    this.context = context;
    this.fused = fused;
    this.node = node;
    this.label = node.name() + ": " + what;
    this.operation = operation;
  }

  final Buffer first() {
    return context.value(node.first());
  }

  final Buffer second() {
    return context.value(node.second(), first().descriptor(), PlanContext.FORWARD);
  }

  @Override
  public final void forward() {
    Buffer target = context.buffer(node.name(), first().descriptor());
    context.binary(label, operation, first(), second(), target, PlanContext.FORWARD);
    context.define(fused, target);
  }
}
