package org.udge.engine.onednn;

import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.udge.engine.nodes.Node;

/** The kernel of the element-wise product. */
final class ProductKernel extends BinaryKernel {

  ProductKernel(PlanContext context, FusedNode fused, Node.Product node) {
    super(context, fused, node, "product", algorithm.binary_mul);
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
        label + " gradient",
        algorithm.binary_mul,
        given,
        other,
        result,
        context.gradientPhases(input));
    context.contribute(input, result);
  }
}
