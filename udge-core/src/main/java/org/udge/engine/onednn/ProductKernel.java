package org.udge.engine.onednn;

import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.udge.engine.nodes.Node;

/** A product of two. */
record ProductKernel(PlanContext context, FusedNode fused, Node.Product node) implements Kernel {

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
        node.name() + ": product",
        algorithm.binary_mul,
        first(),
        second(),
        target,
        PlanContext.FORWARD);
    context.define(fused, target);
  }

  @Override
  public void backward() {
    Buffer given = context.takeGradient(node.name(), node.name(), first());
    contribute(node.first(), given, second());
    contribute(node.second(), given, first());
  }

  private void contribute(String input, Buffer given, Buffer other) {
    Buffer result = context.buffer(input + " gradient", given.descriptor());
    context.binary(
        node.name() + ": product gradient",
        algorithm.binary_mul,
        given,
        other,
        result,
        context.gradientPhases(input));
    context.contribute(input, result);
  }
}
