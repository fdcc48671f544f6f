package org.udge.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.udge.engine.Mode;
import org.udge.engine.onednn.Step.Argument;

/** Batch normalisation with the batch's statistics or the running ones. */
final class BatchNormKernel implements Kernel {

  private final PlanContext context;
  private final FusedNode fused;
  private final Node.BatchNorm node;
  private final boolean batchStatistics;
  private batch_normalization_forward.primitive_desc forward;
  private Buffer mean;
  private Buffer variance;

  BatchNormKernel(PlanContext context, FusedNode fused, Node.BatchNorm node) {
    this.context = context;
    this.fused = fused;
    this.node = node;
    this.batchStatistics = context.mode() == Mode.TRAINING;
  }

  @Override
  public void forward() {
    Buffer source = context.value(node.input());
    defineStatistics();
    batch_normalization_forward.desc description =
        new batch_normalization_forward.desc(
            dnnl.dnnl_forward_training, source.descriptor(), (float) node.epsilon(), flags());
    forward =
        new batch_normalization_forward.primitive_desc(
            description, context.plainAttributes(), context.engine());
    Buffer target = context.buffer(node.name(), source.descriptor());
    List<Argument> arguments = new ArrayList<>();
    arguments.add(new Argument(DNNL_ARG_SRC, source));
    arguments.add(new Argument(DNNL_ARG_DST, target));
    addStatistics(arguments);
    addScale(arguments);
    context.step(
        node.name() + ": batch norm",
        PlanContext.FORWARD,
        new batch_normalization_forward(forward),
        forward,
        0,
        arguments.toArray(Argument[]::new));
    context.define(fused, context.shape(node.input()), target);
  }

  private int flags() {
    int statistics = batchStatistics ? 0 : dnnl.dnnl_use_global_stats;
    int affine = node.affine().isPresent() ? dnnl.dnnl_use_scaleshift : 0;
    return statistics | affine;
  }

  private void defineStatistics() {
    String name = node.name();
    if (batchStatistics) {
      mean = context.buffer(name + " batch mean", PlanContext.vector(node.channels()));
      variance = context.buffer(name + " batch variance", PlanContext.vector(node.channels()));
      return;
    }
    mean = context.parameter(name + " mean", node.mean(), PlanContext.vector(node.channels()));
    Buffer stored =
        context.parameter(name + " variance", node.variance(), PlanContext.vector(node.channels()));
    variance = stored;
    if (node.logDeviation()) {
      variance = context.buffer(name + " variance", PlanContext.vector(node.channels()));
      context.add(
          new Step.Host(
              name + ": variance from log10 of deviation",
              PlanContext.FORWARD,
              List.of(stored, variance),
              this::computeVariance));
    }
  }

  private void computeVariance(Arena arena) {
    FloatBuffer logDeviation = arena.parameters(node.variance(), node.channels());
    FloatBuffer target = arena.floats(variance);
    for (int i = 0; i < node.channels(); i++) {
      target.put(i, (float) Math.pow(10, 2 * logDeviation.get(i)));
    }
  }

  private void addStatistics(List<Argument> arguments) {
    arguments.add(new Argument(DNNL_ARG_MEAN, mean));
    arguments.add(new Argument(DNNL_ARG_VARIANCE, variance));
  }

  private void addScale(List<Argument> arguments) {
    node.affine()
        .ifPresent(
            at ->
                arguments.add(
                    new Argument(
                        DNNL_ARG_SCALE_SHIFT,
                        context.parameter(node.name() + " gamma and beta", at, scaleShift()))));
  }

  private memory.desc scaleShift() {
    return PlanContext.plain(2, node.channels());
  }

  @Override
  public void backward() {
    Buffer source = context.value(node.input());
    Buffer given =
        context.converted(
            node.name() + " gradient",
            context.takeGradient(node.name()),
            source.descriptor(),
            context.gradientPhases(node.name()));
    Buffer result = context.buffer(node.input() + " gradient", source.descriptor());
    List<Argument> arguments = new ArrayList<>();
    if (node.affine().isPresent()) {
      Buffer gradient = context.buffer(node.name() + " gamma and beta gradient", scaleShift());
      arguments.add(new Argument(DNNL_ARG_DIFF_SCALE_SHIFT, gradient));
      step(source, given, result, arguments);
      context.addToGradients(
          node.name() + " gamma and beta", gradient, node.affine().getAsLong(), scaleShift());
    } else {
      step(source, given, result, arguments);
    }
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

  private void step(Buffer source, Buffer given, Buffer result, List<Argument> arguments) {
    // oneDNN has no code for the input gradient alone where there are scales and shifts.
    int kind = node.affine().isPresent() ? dnnl.dnnl_backward : dnnl.dnnl_backward_data;
    batch_normalization_backward.desc description =
        new batch_normalization_backward.desc(
            kind, given.descriptor(), source.descriptor(), (float) node.epsilon(), flags());
    batch_normalization_backward.primitive_desc found =
        new batch_normalization_backward.primitive_desc(
            description, context.plainAttributes(), context.engine(), forward);
    arguments.add(new Argument(DNNL_ARG_SRC, source));
    arguments.add(new Argument(DNNL_ARG_DIFF_DST, given));
    arguments.add(new Argument(DNNL_ARG_DIFF_SRC, result));
    addStatistics(arguments);
    addScale(arguments);
    context.step(
        node.name() + ": batch norm backward",
        context.gradientPhases(node.name()),
        new batch_normalization_backward(found),
        found,
        0,
        arguments.toArray(Argument[]::new));
  }

  /**
   * What Deeplearning4j subtracts from running statistics: (1 - decay) (running - batch). For log10
   * of the deviation: log10(sqrt(v / (decay v + (1 - decay) batch))), v = 10^(2 running).
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
      double old = runningVariance.get(i);
      add(varianceUpdate, i, varianceUpdate(old, batchVariance.get(i)));
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
