package org.udge.engine.onednn;

import java.util.List;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.memory;
import org.udge.engine.nodes.Node.Dropout;

/** Multiplies by a random mask of 0 and 1/keep that the pass's dropout seed decides. */
final class DropoutKernel implements Kernel {

  private final PlanContext context;
  private final FusedNode fused;
  private final Dropout node;
  private Buffer mask;

  DropoutKernel(PlanContext context, FusedNode fused, Dropout node) {
    this.context = context;
    this.fused = fused;
    this.node = node;
  }

  @Override
  public void forward() {
    Buffer source = context.value(node.input());
    mask = context.buffer(node.name() + " mask", source.descriptor());
    boolean half = source.descriptor().data_type() == memory.data_type.bf16;
    context.add(
        new Step.Host(
            node.name() + ": mask",
            PlanContext.FORWARD,
            List.of(mask),
            arena -> DropoutMask.fill(arena, mask, node.name(), node.keep(), half)));
    Buffer target = context.buffer(node.name(), source.descriptor());
    context.binary(
        node.name() + ": dropout", algorithm.binary_mul, source, mask, target, PlanContext.FORWARD);
    context.define(fused, target);
  }

  @Override
  public void backward() {
    var phases = context.gradientPhases(node.input());
    String label = node.name() + ": dropout backward";
    Buffer gradient =
        context.converted(label, context.takeGradient(node.name()), mask.descriptor(), phases);
    context.binary(label, algorithm.binary_mul, gradient, mask, gradient, phases);
    context.contribute(node.input(), gradient);
  }
}
