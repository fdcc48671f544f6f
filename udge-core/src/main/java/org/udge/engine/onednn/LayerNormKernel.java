package org.udge.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.layer_normalization_backward;
import org.bytedeco.dnnl.layer_normalization_forward;
import org.udge.data.ImageShape;
import org.udge.engine.nodes.Node;
import org.udge.engine.onednn.Step.Argument;
import org.udge.engine.onednn.Step.Phase;

/**
 * The kernel of layer normalization: normalizes each image over all its values, regardless of their
 * memory order, then scales and shifts channels.
 */
final class LayerNormKernel implements Kernel {

  private final PlanContext context;
  private final FusedNode fused;
  private final Node.LayerNorm node;
  private final Buffer mean;
  private final Buffer variance;
  private final Buffer zeros;
  private final Buffer ones;
  private final BatchNormSteps affine;
  private layer_normalization_forward.primitive_desc forward;
  private Buffer source;
  private Buffer standardized;

  LayerNormKernel(PlanContext context, FusedNode fused, Node.LayerNorm node) {
    this.context = context;
    this.fused = fused;
    this.node = node;
    String name = node.name();
    this.mean = context.buffer(name + " mean", PlanContext.vector(context.batch()));
    this.variance = context.buffer(name + " variance", PlanContext.vector(context.batch()));
    this.zeros = context.buffer(name + " zeros", PlanContext.vector(node.channels()));
    this.ones = context.buffer(name + " ones", PlanContext.vector(node.channels()));
    this.affine =
        new BatchNormSteps(
            context,
            name + ": scale and shift",
            0,
            false,
            zeros,
            ones,
            Optional.of(
                context.parameter(
                    name + " gamma and beta",
                    node.scaleShift(),
                    BatchNormSteps.scaleShift(node.channels()))));
  }

  @Override
  public void forward() {
    context.add(
        new Step.Host(
            node.name() + ": constants",
            PlanContext.FORWARD,
            List.of(zeros, ones),
            this::fillConstants));
    source = SampleLayouts.unpadded(context, node.input());
    standardized = context.buffer(node.name() + " standardized", source.descriptor());
    Buffer from = rows(source);
    layer_normalization_forward.desc description =
        new layer_normalization_forward.desc(
            dnnl.dnnl_forward_training, from.descriptor(), (float) node.epsilon(), 0);
    forward =
        new layer_normalization_forward.primitive_desc(
            description, context.plainAttributes(), context.engine());
    context.step(
        node.name() + ": layer norm",
        PlanContext.FORWARD,
        new layer_normalization_forward(forward),
        forward,
        0,
        new Argument(DNNL_ARG_SRC, from),
        new Argument(DNNL_ARG_DST, rows(standardized)),
        new Argument(DNNL_ARG_MEAN, mean),
        new Argument(DNNL_ARG_VARIANCE, variance));
    Buffer target = context.buffer(node.name(), source.descriptor());
    affine.forward(standardized, target);
    context.define(fused, target);
  }

  private void fillConstants(Arena arena) {
    FloatBuffer zero = arena.floats(zeros);
    FloatBuffer one = arena.floats(ones);
    for (int i = 0; i < node.channels(); i++) {
      zero.put(i, 0);
      one.put(i, 1);
    }
  }

  /** Returns a view with one row for each image. */
  private Buffer rows(Buffer buffer) {
    ImageShape shape = context.shape(node.input());
    return context.view(
        buffer, PlanContext.plain(buffer.descriptor().data_type(), context.batch(), shape.size()));
  }

  @Override
  public void backward() {
    Set<Phase> phases = context.gradientPhases(node.name());
    Buffer given = context.takeGradient(node.name(), node.name(), source);
    Buffer between = context.buffer(node.name() + " gradient", source.descriptor());
    Buffer parameters = affine.backward(standardized, given, between, phases).orElseThrow();
    if (node.trained()) {
      context.addToGradients(
          node.name() + " gamma and beta", parameters, node.scaleShift(), parameters.descriptor());
    }
    Buffer result = context.buffer(node.input() + " gradient", source.descriptor());
    standardizeBackward(between, result, phases);
    context.contribute(node.input(), result);
  }

  private void standardizeBackward(Buffer given, Buffer result, Set<Phase> phases) {
    Buffer from = rows(source);
    layer_normalization_backward.desc description =
        new layer_normalization_backward.desc(
            dnnl.dnnl_backward_data,
            from.descriptor(),
            from.descriptor(),
            (float) node.epsilon(),
            0);
    layer_normalization_backward.primitive_desc found =
        new layer_normalization_backward.primitive_desc(
            description, context.plainAttributes(), context.engine(), forward);
    context.step(
        node.name() + ": layer norm backward",
        phases,
        new layer_normalization_backward(found),
        found,
        0,
        new Argument(DNNL_ARG_SRC, from),
        new Argument(DNNL_ARG_DIFF_DST, rows(given)),
        new Argument(DNNL_ARG_DIFF_SRC, rows(result)),
        new Argument(DNNL_ARG_MEAN, mean),
        new Argument(DNNL_ARG_VARIANCE, variance));
  }
}
