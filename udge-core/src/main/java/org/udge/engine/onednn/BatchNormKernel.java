package org.udge.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.udge.engine.Mode;
import org.udge.engine.onednn.Step.Argument;
import org.udge.engine.onednn.Step.Phase;

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
    node.affine()
        .ifPresent(
            affine ->
                arguments.add(
                    new Argument(
                        DNNL_ARG_SHIFT,
                        context.parameter(
                            node.name() + " beta", affine.shift(), node.channels()))));
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
    int affine = node.affine().isPresent() ? dnnl.dnnl_use_scale | dnnl.dnnl_use_shift : 0;
    return statistics | affine;
  }

  private void defineStatistics() {
    String name = node.name();
    if (batchStatistics) {
      mean = context.buffer(name + " batch mean", PlanContext.vector(node.channels()));
      variance = context.buffer(name + " batch variance", PlanContext.vector(node.channels()));
      return;
    }
    mean = context.parameter(name + " mean", node.mean(), node.channels());
    Buffer stored = context.parameter(name + " variance", node.variance(), node.channels());
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
            affine ->
                arguments.add(
                    new Argument(
                        DNNL_ARG_SCALE,
                        context.parameter(
                            node.name() + " gamma", affine.scale(), node.channels()))));
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
    withoutParameters(source, given, result);
    withParameters(source, given, result);
    context.contribute(node.input(), result);
  }

  private void withoutParameters(Buffer source, Buffer given, Buffer result) {
    boolean rest = context.gradientPhases(node.input()).contains(Phase.INPUT_GRADIENT_REST);
    step(
        dnnl.dnnl_backward_data,
        rest ? context.gradientPhases(node.input()) : Set.of(Phase.INPUT_GRADIENT),
        source,
        given,
        result,
        List.of());
  }

  private void withParameters(Buffer source, Buffer given, Buffer result) {
    if (node.affine().isPresent()) {
      Buffer scale =
          context.buffer(node.name() + " gamma gradient", PlanContext.vector(node.channels()));
      Buffer shift =
          context.buffer(node.name() + " beta gradient", PlanContext.vector(node.channels()));
      step(
          dnnl.dnnl_backward,
          PlanContext.PARAMETERS_ONLY,
          source,
          given,
          result,
          List.of(
              new Argument(DNNL_ARG_DIFF_SCALE, scale), new Argument(DNNL_ARG_DIFF_SHIFT, shift)));
      addToGradients("gamma", scale, node.affine().get().scale());
      addToGradients("beta", shift, node.affine().get().shift());
    } else {
      step(dnnl.dnnl_backward_data, PlanContext.PARAMETERS_ONLY, source, given, result, List.of());
    }
    if (batchStatistics) {
      context.add(
          new Step.Host(
              node.name() + ": running statistics",
              PlanContext.PARAMETERS_ONLY,
              List.of(mean, variance),
              this::updateStatistics));
    }
  }

  private void addToGradients(String parameter, Buffer gradient, long offset) {
    context.addToGradients(
        node.name() + " " + parameter, gradient, offset, PlanContext.vector(node.channels()));
  }

  private void step(
      int kind,
      Set<Phase> phases,
      Buffer source,
      Buffer given,
      Buffer result,
      List<Argument> parameterGradients) {
    batch_normalization_backward.desc description =
        new batch_normalization_backward.desc(
            kind, given.descriptor(), source.descriptor(), (float) node.epsilon(), flags());
    batch_normalization_backward.primitive_desc found =
        new batch_normalization_backward.primitive_desc(
            description, context.plainAttributes(), context.engine(), forward);
    List<Argument> arguments = new ArrayList<>(parameterGradients);
    arguments.add(new Argument(DNNL_ARG_SRC, source));
    arguments.add(new Argument(DNNL_ARG_DIFF_DST, given));
    arguments.add(new Argument(DNNL_ARG_DIFF_SRC, result));
    addStatistics(arguments);
    addScale(arguments);
    context.step(
        node.name() + ": batch norm backward",
        phases,
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
