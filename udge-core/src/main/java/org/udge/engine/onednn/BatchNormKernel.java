package org.udge.engine.onednn;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;
import org.bytedeco.dnnl.memory;
import org.udge.engine.Mode;
import org.udge.engine.nodes.Node;

/**
 * The kernel of batch normalization, with the statistics of the batch or the running statistics.
 */
final class BatchNormKernel implements Kernel {

  private final PlanContext context;
  private final FusedNode fused;
  private final Node.BatchNorm node;
  private final boolean batchStatistics;
  private final Buffer mean;
  private final Buffer variance;
  private final BatchNormSteps steps;

  BatchNormKernel(PlanContext context, FusedNode fused, Node.BatchNorm node) {
    this.context = context;
    this.fused = fused;
    this.node = node;
    this.batchStatistics = context.mode() == Mode.TRAINING && node.trained();
    this.mean = mean();
    this.variance = variance();
    this.steps =
        new BatchNormSteps(
            context,
            node.name() + ": batch norm",
            node.epsilon(),
            batchStatistics,
            mean,
            variance,
            scaleShift());
  }

  private Optional<Buffer> scaleShift() {
    return node.affine().isPresent()
        ? Optional.of(
            context.parameter(
                node.name() + " gamma and beta",
                node.affine().getAsLong(),
                BatchNormSteps.scaleShift(node.channels())))
        : Optional.empty();
  }

  private memory.desc vector() {
    return PlanContext.vector(node.channels());
  }

  private Buffer mean() {
    return batchStatistics
        ? context.buffer(node.name() + " batch mean", vector())
        : context.parameter(node.name() + " mean", node.mean(), vector());
  }

  private Buffer variance() {
    if (batchStatistics) {
      return context.buffer(node.name() + " batch variance", vector());
    }
    return node.logDeviation()
        ? context.buffer(node.name() + " variance", vector())
        : context.parameter(node.name() + " variance", node.variance(), vector());
  }

  @Override
  public void forward() {
    if (!batchStatistics && node.logDeviation()) {
      context.add(
          new Step.Host(
              node.name() + ": variance from log10 of deviation",
              PlanContext.FORWARD,
              List.of(variance),
              this::computeVariance));
    }
    Buffer source = context.value(node.input());
    Buffer target = context.buffer(node.name(), source.descriptor());
    steps.forward(source, target);
    context.define(fused, target);
  }

  private void computeVariance(Arena arena) {
    FloatBuffer logDeviation = arena.parameters(node.variance(), node.channels());
    FloatBuffer target = arena.floats(variance);
    for (int i = 0; i < node.channels(); i++) {
      target.put(i, (float) Math.pow(10, 2 * logDeviation.get(i)));
    }
  }

  @Override
  public void backward() {
    Buffer source = context.value(node.input());
    var phases = context.gradientPhases(node.name());
    Buffer given = context.takeGradient(node.name(), node.name(), source);
    Buffer result = context.buffer(node.input() + " gradient", source.descriptor());
    steps
        .backward(source, given, result, phases)
        .filter(gradient -> node.trained())
        .ifPresent(
            gradient ->
                context.addToGradients(
                    node.name() + " gamma and beta",
                    gradient,
                    node.affine().getAsLong(),
                    gradient.descriptor()));
    if (batchStatistics) {
      context.add(
          new Step.Host(
              node.name() + ": running statistics",
              PlanContext.PARAMETERS_ONLY,
              List.of(mean, variance),
              this::updateStatistics));
    }
    context.contribute(node.input(), result);
  }

  /**
   * Adds the values that Deeplearning4j subtracts from running statistics: (1 - decay) (running -
   * batch). For log10 of the standard deviation: log10(sqrt(v / (decay v + (1 - decay) batch))),
   * where v = 10^(2 running).
   */
  private void updateStatistics(Arena arena) {
    int channels = node.channels();
    double share = 1 - node.decay();
    FloatBuffer running = arena.parameters(node.mean(), channels);
    FloatBuffer batch = arena.floats(mean);
    FloatBuffer update = arena.gradients(node.mean(), channels);
    FloatBuffer runningVariance = arena.parameters(node.variance(), channels);
    FloatBuffer batchVariance = arena.floats(variance);
    FloatBuffer varianceUpdate = arena.gradients(node.variance(), channels);
    for (int i = 0; i < channels; i++) {
      add(update, i, share * (running.get(i) - batch.get(i)));
      add(varianceUpdate, i, varianceUpdate(runningVariance.get(i), batchVariance.get(i)));
    }
  }

  private double varianceUpdate(double stored, double batch) {
    double share = 1 - node.decay();
    if (!node.logDeviation()) {
      return share * (stored - batch);
    }
    double old = Math.pow(10, 2 * stored);
    return Math.log10(old / (node.decay() * old + share * batch)) / 2;
  }

  private static void add(FloatBuffer target, int index, double value) {
    target.put(index, (float) (target.get(index) + value));
  }
}
