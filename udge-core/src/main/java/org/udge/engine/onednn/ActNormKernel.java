package org.udge.engine.onednn;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;
import org.udge.engine.nodes.Node;

/**
 * The kernel of y = scale (x + offset), implemented as batch normalization with mean -offset, no
 * shift, and variance plus epsilon equal to 1. Half of that 1 is epsilon: for the channels that pad
 * a block, oneDNN assumes variance 0 and would otherwise divide by 0.
 */
final class ActNormKernel implements Kernel {

  private static final float HALF = 0.5f;

  private final PlanContext context;
  private final FusedNode fused;
  private final Node.ActNorm node;
  private final Buffer mean;
  private final Buffer variance;
  private final Buffer scaleShift;
  private final BatchNormSteps steps;

  ActNormKernel(PlanContext context, FusedNode fused, Node.ActNorm node) {
    this.context = context;
    this.fused = fused;
    this.node = node;
    this.mean = context.buffer(node.name() + " mean", PlanContext.vector(node.channels()));
    this.variance = context.buffer(node.name() + " variance", PlanContext.vector(node.channels()));
    this.scaleShift =
        context.buffer(node.name() + " scale", BatchNormSteps.scaleShift(node.channels()));
    this.steps =
        new BatchNormSteps(
            context,
            node.name() + ": activation norm",
            HALF,
            false,
            mean,
            variance,
            Optional.of(scaleShift));
  }

  @Override
  public void forward() {
    context.add(
        new Step.Host(
            node.name() + ": offset and scale",
            PlanContext.FORWARD,
            List.of(mean, variance, scaleShift),
            this::fillStatistics));
    Buffer source = context.value(node.input());
    Buffer target = context.buffer(node.name(), source.descriptor());
    steps.forward(source, target);
    context.define(fused, target);
  }

  private void fillStatistics(Arena arena) {
    int channels = node.channels();
    FloatBuffer offset = arena.parameters(node.offset(), channels);
    FloatBuffer scale = arena.parameters(node.scale(), channels);
    FloatBuffer means = arena.floats(mean);
    FloatBuffer variances = arena.floats(variance);
    FloatBuffer scales = arena.floats(scaleShift);
    for (int i = 0; i < channels; i++) {
      means.put(i, -offset.get(i));
      variances.put(i, HALF);
      scales.put(i, scale.get(i));
      scales.put(channels + i, 0);
    }
  }

  @Override
  public void backward() {
    Buffer source = context.value(node.input());
    var phases = context.gradientPhases(node.name());
    Buffer given = context.takeGradient(node.name(), node.name(), source);
    Buffer result = context.buffer(node.input() + " gradient", source.descriptor());
    Buffer gradient = steps.backward(source, given, result, phases).orElseThrow();
    if (node.trained()) {
      context.addToGradients(node.name(), gradient, arena -> addGradients(arena, gradient));
    }
    context.contribute(node.input(), result);
  }

  /**
   * Adds the parameter gradients: d/d scale is that of oneDNN; d/d offset is scale times oneDNN's
   * d/d shift.
   */
  private void addGradients(Arena arena, Buffer gradient) {
    int channels = node.channels();
    FloatBuffer given = arena.floats(gradient);
    FloatBuffer scale = arena.parameters(node.scale(), channels);
    FloatBuffer scaleGradient = arena.gradients(node.scale(), channels);
    FloatBuffer offsetGradient = arena.gradients(node.offset(), channels);
    for (int i = 0; i < channels; i++) {
      scaleGradient.put(i, scaleGradient.get(i) + given.get(i));
      offsetGradient.put(i, offsetGradient.get(i) + scale.get(i) * given.get(channels + i));
    }
  }
}
