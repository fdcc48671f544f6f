package org.udge.engine.onednn;

import java.nio.FloatBuffer;
import java.util.List;
import org.bytedeco.dnnl.memory;
import org.udge.engine.nodes.Node;

/**
 * The kernel of normalization to norm 1: divides each image by its norm, in Java and in float32, as
 * there is one norm per image.
 */
final class UnitNormKernel implements Kernel {

  private final PlanContext context;
  private final FusedNode fused;
  private final Node.UnitNorm node;
  private final int size;

  UnitNormKernel(PlanContext context, FusedNode fused, Node.UnitNorm node) {
    this.context = context;
    this.fused = fused;
    this.node = node;
    this.size = context.shape(node.input()).size();
  }

  private memory.desc layout() {
    return PlanContext.plain(context.dimensions(node.input()));
  }

  private Buffer source() {
    return context.value(node.input(), layout(), PlanContext.FORWARD);
  }

  @Override
  public void forward() {
    Buffer source = source();
    Buffer target = context.buffer(node.name(), layout());
    context.add(
        new Step.Host(
            node.name() + ": length 1",
            PlanContext.FORWARD,
            List.of(source, target),
            arena -> normalize(arena.floats(source), arena.floats(target))));
    context.define(fused, target);
  }

  private void normalize(FloatBuffer source, FloatBuffer target) {
    for (int start = 0; start < source.limit(); start += size) {
      double length = Math.max(Math.sqrt(dot(source, source, start)), node.epsilon());
      for (int i = start; i < start + size; i++) {
        target.put(i, (float) (source.get(i) / length));
      }
    }
  }

  private double dot(FloatBuffer a, FloatBuffer b, int start) {
    double sum = 0;
    for (int i = start; i < start + size; i++) {
      sum += (double) a.get(i) * b.get(i);
    }
    return sum;
  }

  @Override
  public void backward() {
    var phases = context.gradientPhases(node.input());
    Buffer source = source();
    Buffer given = context.takeGradient(node.name(), node.name(), context.value(node.name()));
    Buffer result = context.buffer(node.input() + " gradient", layout());
    context.add(
        new Step.Host(
            node.name() + ": length 1 gradient",
            phases,
            List.of(source, given, result),
            arena -> goBack(arena.floats(source), arena.floats(given), arena.floats(result))));
    context.contribute(node.input(), result);
  }

  /**
   * Computes the input gradient: g / |x| - x (x g) / |x|^3 or, where the divisor is epsilon, g /
   * epsilon.
   */
  private void goBack(FloatBuffer source, FloatBuffer given, FloatBuffer result) {
    for (int start = 0; start < source.limit(); start += size) {
      double length = Math.sqrt(dot(source, source, start));
      boolean bounded = length < node.epsilon();
      double divisor = bounded ? node.epsilon() : length;
      double share = bounded ? 0 : dot(source, given, start) / (length * length * length);
      for (int i = start; i < start + size; i++) {
        result.put(i, (float) (given.get(i) / divisor - source.get(i) * share));
      }
    }
  }
}
