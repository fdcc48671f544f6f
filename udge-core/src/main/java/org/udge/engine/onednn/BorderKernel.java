package org.udge.engine.onednn;

import java.util.Set;
import org.udge.data.ImageShape;
import org.udge.engine.nodes.Node;
import org.udge.engine.onednn.Step.Phase;

/**
 * The kernel of zero padding and cropping: copies the pixels common to the image with a border and
 * the one without.
 */
record BorderKernel(PlanContext context, FusedNode fused, Node.Border node) implements Kernel {

  private Buffer source() {
    Buffer given = context.value(node.input());
    return context.value(
        node.input(),
        SampleLayouts.resized(given, context.shape(node.input()).batch(context.batch())),
        PlanContext.FORWARD);
  }

  /** Returns the sizes of the common part. */
  private long[] common() {
    ImageShape from = context.shape(node.input());
    return new long[] {
      context.batch(),
      from.channels(),
      from.height() + Math.min(0, node.top()) + Math.min(0, node.bottom()),
      from.width() + Math.min(0, node.left()) + Math.min(0, node.right())
    };
  }

  /** Returns the common part, as a part of the image without the border. */
  private Buffer inner(Buffer input) {
    return context.part(input, common(), 0, Math.max(0, -node.top()), Math.max(0, -node.left()));
  }

  private Buffer outer(Buffer output) {
    return context.part(output, common(), 0, Math.max(0, node.top()), Math.max(0, node.left()));
  }

  private static boolean adds(int... sides) {
    for (int side : sides) {
      if (side > 0) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void forward() {
    Buffer source = source();
    ImageShape to = context.outputShape(node);
    Buffer target =
        context.buffer(node.name(), SampleLayouts.resized(source, to.batch(context.batch())));
    if (adds(node.top(), node.bottom(), node.left(), node.right())) {
      context.clear(node.name(), target, PlanContext.FORWARD);
    }
    context.copy(node.name(), inner(source), outer(target), PlanContext.FORWARD);
    context.define(fused, target);
  }

  @Override
  public void backward() {
    Set<Phase> phases = context.gradientPhases(node.input());
    Buffer given = context.takeGradient(node.name(), node.name(), context.value(node.name()));
    Buffer result = context.buffer(node.input() + " gradient", source().descriptor());
    if (adds(-node.top(), -node.bottom(), -node.left(), -node.right())) {
      context.clear(node.name() + " gradient", result, phases);
    }
    context.copy(node.name() + " gradient", outer(given), inner(result), phases);
    context.contribute(node.input(), result);
  }
}
