package org.udge.engine.onednn;

import java.util.List;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.memory;
import org.udge.engine.nodes.ActivationFunction;
import org.udge.engine.nodes.Node.Dropout;

/**
 * The kernel of dropout: multiplies by a random mask, determined by the dropout seed of the pass.
 */
final class DropoutKernel implements Kernel {

  private final PlanContext context;
  private final FusedNode fused;
  private final Dropout node;
  private Buffer mask;

  DropoutKernel(PlanContext context, FusedNode fused, Dropout node) {
    this.context = context;
    this.fused = fused;
    this.node = node;
  }

  @Override
  public void forward() {
    Buffer source = source();
    mask = context.buffer(node.name() + " mask", maskLayout(source));
    boolean half = source.descriptor().data_type() == memory.data_type.bf16;
    context.add(
        new Step.Host(
            node.name() + ": mask",
            PlanContext.FORWARD,
            List.of(mask),
            arena -> fillMask(arena, half)));
    Buffer target = context.buffer(node.name(), source.descriptor());
    String label = node.name() + ": dropout";
    if (node.kind() == Dropout.Kind.ALPHA) {
      // a (m x + (1 - m) s) + b = a m (x - s) + a s + b
      double limit = Dropout.Kind.ALPHA_PRIME;
      double shift = scale() * limit * node.keep();
      line(ActivationFunction.linear(1, -limit), source, target);
      context.binary(label, algorithm.binary_mul, target, mask, target, PlanContext.FORWARD);
      line(ActivationFunction.linear(1, shift), target, target);
    } else {
      context.binary(label, algorithm.binary_mul, source, mask, target, PlanContext.FORWARD);
    }
    context.define(fused, target);
  }

  private void line(ActivationFunction function, Buffer from, Buffer to) {
    EltwiseSteps.forward(context, node.name(), function, from, to);
  }

  /**
   * Returns the input in a suitable layout. Masks of whole channels have one value per channel,
   * whose location must be known.
   */
  private Buffer source() {
    Buffer given = context.value(node.input());
    return node.kind() == Dropout.Kind.SPATIAL
        ? context.value(
            node.input(),
            PlanContext.plain(
                given.descriptor().data_type(), context.shape(node.input()).batch(context.batch())),
            PlanContext.FORWARD)
        : given;
  }

  private memory.desc maskLayout(Buffer source) {
    return node.kind() == Dropout.Kind.SPATIAL
        ? PlanContext.plain(
            source.descriptor().data_type(),
            context.batch(),
            context.shape(node.input()).channels(),
            1,
            1)
        : source.descriptor();
  }

  /** Returns the factor of kept values. */
  private double scale() {
    double keep = node.keep();
    double limit = Dropout.Kind.ALPHA_PRIME;
    return node.kind() == Dropout.Kind.ALPHA
        ? 1 / Math.sqrt(keep + limit * limit * keep * (1 - keep))
        : 1 / keep;
  }

  private void fillMask(Arena arena, boolean half) {
    if (node.kind() == Dropout.Kind.GAUSSIAN) {
      double deviation = Math.sqrt((1 - node.keep()) / node.keep());
      DropoutMask.fillGaussian(arena, mask, node.name(), deviation, half);
    } else {
      DropoutMask.fill(arena, mask, node.name(), node.keep(), scale(), half);
    }
  }

  @Override
  public void backward() {
    var phases = context.gradientPhases(node.input());
    String label = node.name() + ": dropout backward";
    Buffer gradient =
        context.converted(label, context.takeGradient(node.name()), source().descriptor(), phases);
    context.binary(label, algorithm.binary_mul, gradient, mask, gradient, phases);
    context.contribute(node.input(), gradient);
  }
}
