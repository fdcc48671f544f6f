package org.udge.engine.onednn;

import java.util.Set;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.udge.engine.nodes.Node;
import org.udge.engine.onednn.Step.Phase;

/** The larger of two; the first gets the gradient where it is not below the second. */
record MaximumKernel(PlanContext context, FusedNode fused, Node.Maximum node) implements Kernel {

  private Buffer first() {
    return context.value(node.first());
  }

  private Buffer second() {
    return context.value(node.second(), first().descriptor(), PlanContext.FORWARD);
  }

  @Override
  public void forward() {
    Buffer target = context.buffer(node.name(), first().descriptor());
    context.binary(
        node.name() + ": maximum",
        algorithm.binary_max,
        first(),
        second(),
        target,
        PlanContext.FORWARD);
    context.define(fused, target);
  }

  @Override
  public void backward() {
    Set<Phase> phases = context.gradientPhases(node.name());
    String label = node.name() + ": maximum gradient";
    Buffer given = context.takeGradient(node.name(), node.name(), first());
    Buffer ofFirst = context.buffer(node.first() + " gradient", given.descriptor());
    Buffer ofSecond = context.buffer(node.second() + " gradient", given.descriptor());
    context.binary(label, algorithm.binary_ge, first(), second(), ofFirst, phases);
    context.binary(label, algorithm.binary_mul, given, ofFirst, ofFirst, phases);
    context.binary(label, algorithm.binary_sub, given, ofFirst, ofSecond, phases);
    context.contribute(node.first(), ofFirst);
    context.contribute(node.second(), ofSecond);
  }
}
