package org.udge.engine.onednn;

import java.util.Optional;
import org.udge.engine.nodes.Node;

/** The kernel of an activation function that is not fused. */
record ActivationKernel(PlanContext context, FusedNode fused, Node.Activation node)
    implements Kernel {

  @Override
  public void forward() {
    Buffer from = context.value(node.input());
    Buffer to = fused.inPlace() ? from : context.buffer(node.name(), from.descriptor());
    EltwiseSteps.forward(context, node.name(), node.function(), from, to);
    context.define(fused, to);
  }

  @Override
  public void backward() {
    Buffer kept = context.value(node.function().derivativeFromValue() ? node.name() : node.input());
    var phases = context.gradientPhases(node.input());
    Buffer gradient =
        context.converted(
            node.name() + " gradient",
            context.takeGradient(node.name()),
            kept.descriptor(),
            phases);
    Optional<Buffer> sum = context.contributions(node.input());
    if (sum.isPresent()
        && sum.get().hasLayout(kept.descriptor())
        && EltwiseSteps.canAddBackward(node.function(), kept)) {
      EltwiseSteps.addBackward(
          context, node.name(), node.function(), kept, gradient, sum, sum.get(), phases);
    } else {
      EltwiseSteps.backward(context, node.name(), node.function(), kept, gradient, phases);
      context.contribute(node.input(), gradient);
    }
  }
}
