package org.udge.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.udge.engine.onednn.Step.Argument;
import org.udge.engine.onednn.Step.Phase;

/**
 * The steps of oneDNN's batch normalization, y = scale (x - mean) / sqrt(variance + epsilon) +
 * shift per channel: with computed statistics or with given ones, in which case it is affine. The
 * batch, instance, layer and activation normalizations are built from it.
 */
final class BatchNormSteps {

  private final PlanContext context;
  private final String label;
  private final float epsilon;
  private final boolean ownStatistics;
  private final Buffer mean;
  private final Buffer variance;
  private final Optional<Buffer> scaleShift;
  private batch_normalization_forward.primitive_desc forward;

  /**
   * Creates a normalization.
   *
   * @param ownStatistics whether mean and variance are computed; otherwise they are given
   * @param scaleShift the scales and shifts, [2, channels]
   */
  BatchNormSteps(
      PlanContext context,
      String label,
      double epsilon,
      boolean ownStatistics,
      Buffer mean,
      Buffer variance,
      Optional<Buffer> scaleShift) {
    this.context = context;
    this.label = label;
    this.epsilon = (float) epsilon;
    this.ownStatistics = ownStatistics;
    this.mean = mean;
    this.variance = variance;
    this.scaleShift = scaleShift;
  }

  /** Returns the layout of scales and shifts. */
  static memory.desc scaleShift(long channels) {
    return PlanContext.plain(2, channels);
  }

  private int flags() {
    return (ownStatistics ? 0 : dnnl.dnnl_use_global_stats)
        | (scaleShift.isPresent() ? dnnl.dnnl_use_scaleshift : 0);
  }

  /** Adds the forward step: to = normalized from. */
  void forward(Buffer from, Buffer to) {
    batch_normalization_forward.desc description =
        new batch_normalization_forward.desc(
            dnnl.dnnl_forward_training, from.descriptor(), epsilon, flags());
    forward =
        new batch_normalization_forward.primitive_desc(
            description, context.plainAttributes(), context.engine());
    List<Argument> arguments = commonArguments();
    arguments.add(new Argument(DNNL_ARG_SRC, from));
    arguments.add(new Argument(DNNL_ARG_DST, to));
    context.step(
        label,
        PlanContext.FORWARD,
        new batch_normalization_forward(forward),
        forward,
        0,
        arguments.toArray(Argument[]::new));
  }

  /**
   * Adds the steps for the gradients with respect to the input and, if present, to scales and
   * shifts.
   *
   * @param from the input of the forward step
   * @return the gradient of scales and shifts
   */
  Optional<Buffer> backward(Buffer from, Buffer given, Buffer result, Set<Phase> phases) {
    // With scales and shifts, oneDNN cannot compute the input gradient alone.
    int kind = scaleShift.isPresent() ? dnnl.dnnl_backward : dnnl.dnnl_backward_data;
    batch_normalization_backward.desc description =
        new batch_normalization_backward.desc(
            kind, given.descriptor(), from.descriptor(), epsilon, flags());
    batch_normalization_backward.primitive_desc found =
        new batch_normalization_backward.primitive_desc(
            description, context.plainAttributes(), context.engine(), forward);
    List<Argument> arguments = commonArguments();
    arguments.add(new Argument(DNNL_ARG_SRC, from));
    arguments.add(new Argument(DNNL_ARG_DIFF_DST, given));
    arguments.add(new Argument(DNNL_ARG_DIFF_SRC, result));
    Optional<Buffer> gradient =
        scaleShift.map(s -> context.buffer(label + " scale gradient", s.descriptor()));
    gradient.ifPresent(g -> arguments.add(new Argument(DNNL_ARG_DIFF_SCALE_SHIFT, g)));
    context.step(
        label + " backward",
        phases,
        new batch_normalization_backward(found),
        found,
        0,
        arguments.toArray(Argument[]::new));
    return gradient;
  }

  private List<Argument> commonArguments() {
    List<Argument> arguments = new ArrayList<>();
    arguments.add(new Argument(DNNL_ARG_MEAN, mean));
    arguments.add(new Argument(DNNL_ARG_VARIANCE, variance));
    scaleShift.ifPresent(s -> arguments.add(new Argument(DNNL_ARG_SCALE_SHIFT, s)));
    return arguments;
  }
}
