package org.udge.engine.onednn;

import java.util.List;
import org.udge.engine.nodes.Node;

/** The kernel of a sum that is not fused into a convolution. */
record AddKernel(PlanContext context, FusedNode fused, Node.Add node) implements Kernel {

  @Override
  public void forward() {
    List<String> inputs = node.inputs();
    Buffer sum = context.value(inputs.get(0));
    Buffer target = context.buffer(node.name(), sum.descriptor());
    for (String input : inputs.subList(1, inputs.size())) {
      Buffer other = context.value(input, sum.descriptor(), PlanContext.FORWARD);
      context.add(node.name(), sum, other, target, PlanContext.FORWARD);
      sum = target;
    }
    context.define(fused, target);
  }

  @Override
  public void backward() {
    List<String> inputs = node.inputs();
    Buffer gradient = context.takeGradient(node.name());
    for (String input : inputs.subList(1, inputs.size())) {
      Buffer copy = context.buffer(input + " gradient", gradient.descriptor());
      context.copy(node.name(), gradient, copy, context.gradientPhases(input));
      context.contribute(input, copy);
    }
    context.contribute(inputs.get(0), gradient);
  }
}
