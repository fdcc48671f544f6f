package org.udge.engine.onednn;

import java.util.Set;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.udge.engine.nodes.Node;
import org.udge.engine.onednn.Step.Phase;

/**
 * The kernel of the element-wise maximum; the first input receives the gradient where it is not
 * below the second.
 */
final class MaximumKernel extends BinaryKernel {

  MaximumKernel(PlanContext context, FusedNode fused, Node.Maximum node) {
    super(context, fused, node, "maximum", algorithm.binary_max);
  }

  @Override
  public void backward() {
    Set<Phase> phases = context.gradientPhases(node.name());
    String gradient = label + " gradient";
    Buffer given = context.takeGradient(node.name(), node.name(), first());
    Buffer ofFirst = context.buffer(node.first() + " gradient", given.descriptor());
    Buffer ofSecond = context.buffer(node.second() + " gradient", given.descriptor());
    context.binary(gradient, algorithm.binary_ge, first(), second(), ofFirst, phases);
    context.binary(gradient, algorithm.binary_mul, given, ofFirst, ofFirst, phases);
    context.binary(gradient, algorithm.binary_sub, given, ofFirst, ofSecond, phases);
    context.contribute(node.first(), ofFirst);
    context.contribute(node.second(), ofSecond);
  }
}
