package org.udge.engine.onednn;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;
import org.udge.data.ImageShape;
import org.udge.engine.nodes.Node;

/**
 * The kernel of instance normalization, implemented as batch normalization of one image of N x C
 * channels, which has the same memory layout as N images of C channels.
 */
final class InstanceNormKernel implements Kernel {

  private final PlanContext context;
  private final FusedNode fused;
  private final Node.InstanceNorm node;
  private final int planes;
  private final Buffer scaleShift;
  private final BatchNormSteps steps;
  private Buffer source;
  private Buffer target;

  InstanceNormKernel(PlanContext context, FusedNode fused, Node.InstanceNorm node) {
    this.context = context;
    this.fused = fused;
    this.node = node;
    this.planes = context.batch() * node.channels();
    this.scaleShift = context.buffer(node.name() + " scale", BatchNormSteps.scaleShift(planes));
    this.steps =
        new BatchNormSteps(
            context,
            node.name() + ": instance norm",
            node.epsilon(),
            true,
            context.buffer(node.name() + " mean", PlanContext.vector(planes)),
            context.buffer(node.name() + " variance", PlanContext.vector(planes)),
            Optional.of(scaleShift));
  }

  @Override
  public void forward() {
    context.add(
        new Step.Host(
            node.name() + ": repeat gamma and beta",
            PlanContext.FORWARD,
            List.of(scaleShift),
            this::repeatParameters));
    source = SampleLayouts.unpadded(context, node.input());
    target = context.buffer(node.name(), source.descriptor());
    steps.forward(planes(source), planes(target));
    context.define(fused, target);
  }

  private Buffer planes(Buffer buffer) {
    ImageShape shape = context.shape(node.input());
    return context.view(
        buffer, SampleLayouts.like(buffer, 1, planes, shape.height(), shape.width()));
  }

  private void repeatParameters(Arena arena) {
    FloatBuffer parameters = arena.parameters(node.scaleShift(), 2L * node.channels());
    FloatBuffer repeated = arena.floats(scaleShift);
    for (int i = 0; i < planes; i++) {
      int channel = i % node.channels();
      repeated.put(i, parameters.get(channel));
      repeated.put(planes + i, parameters.get(node.channels() + channel));
    }
  }

  @Override
  public void backward() {
    var phases = context.gradientPhases(node.name());
    Buffer given = context.takeGradient(node.name(), node.name(), source);
    Buffer result = context.buffer(node.input() + " gradient", source.descriptor());
    Buffer gradient =
        steps.backward(planes(source), planes(given), planes(result), phases).orElseThrow();
    if (node.trained()) {
      context.addToGradients(node.name(), gradient, arena -> addGradients(arena, gradient));
    }
    context.contribute(node.input(), result);
  }

  private void addGradients(Arena arena, Buffer gradient) {
    FloatBuffer given = arena.floats(gradient);
    FloatBuffer sums = arena.gradients(node.scaleShift(), 2L * node.channels());
    for (int i = 0; i < planes; i++) {
      int scale = i % node.channels();
      int shift = node.channels() + scale;
      sums.put(scale, sums.get(scale) + given.get(i));
      sums.put(shift, sums.get(shift) + given.get(planes + i));
    }
  }
}
