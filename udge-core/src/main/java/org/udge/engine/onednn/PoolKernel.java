package org.udge.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_v2_backward;
import org.bytedeco.dnnl.pooling_v2_forward;
import org.jspecify.annotations.Nullable;
import org.udge.data.ImageShape;
import org.udge.engine.nodes.Node;
import org.udge.engine.nodes.Window;
import org.udge.engine.onednn.Step.Argument;

/** The kernel of pooling over windows or over whole channels. */
final class PoolKernel implements Kernel {

  private final PlanContext context;
  private final FusedNode fused;
  private final String input;
  private final Node.Pool.Kind kind;
  private final Window window;
  private final ImageShape shape;
  private pooling_v2_forward.primitive_desc forward;
  private @Nullable Buffer workspace;

  PoolKernel(
      PlanContext context, FusedNode fused, String input, Node.Pool.Kind kind, Window window) {
    this.context = context;
    this.fused = fused;
    this.input = input;
    this.kind = kind;
    this.window = window;
    this.shape = context.shape(input);
  }

  static PoolKernel of(PlanContext context, FusedNode fused, Node.Pool node) {
    return new PoolKernel(context, fused, node.input(), node.kind(), node.window());
  }

  static PoolKernel global(PlanContext context, FusedNode fused, Node.GlobalPool node) {
    ImageShape shape = context.shape(node.input());
    Window window = Window.tiles(shape.height(), shape.width());
    return new PoolKernel(context, fused, node.input(), node.kind(), window);
  }

  @Override
  public void forward() {
    ImageShape output = context.outputShape(fused.node());
    Buffer source = context.value(input);
    memory.data_type type = source.descriptor().data_type();
    pooling_v2_forward.desc description =
        new pooling_v2_forward.desc(
            prop_kind.forward_training,
            operation(),
            source.descriptor(),
            PlanContext.any(type, output.batch(context.batch())),
            window.strides(),
            window.kernels(),
            PlanContext.gaps(window),
            window.paddingBefore(shape),
            window.paddingAfter(shape));
    forward =
        new pooling_v2_forward.primitive_desc(
            description, context.plainAttributes(), context.engine());
    Buffer target = context.buffer(fused.output(), forward.dst_desc());
    List<Argument> arguments = new ArrayList<>();
    arguments.add(new Argument(DNNL_ARG_SRC, source));
    arguments.add(new Argument(DNNL_ARG_DST, target));
    if (kind == Node.Pool.Kind.MAXIMUM) {
      workspace = context.buffer(fused.output() + " positions", forward.workspace_desc());
      arguments.add(new Argument(DNNL_ARG_WORKSPACE, workspace));
    }
    context.step(
        fused.output() + ": pooling " + window,
        PlanContext.FORWARD,
        new pooling_v2_forward(forward),
        forward,
        0,
        arguments.toArray(Argument[]::new));
    context.define(fused, target);
  }

  private algorithm operation() {
    return switch (kind) {
      case MAXIMUM -> algorithm.pooling_max;
      case AVERAGE_WITH_PADDING -> algorithm.pooling_avg_include_padding;
      case AVERAGE_WITHOUT_PADDING -> algorithm.pooling_avg_exclude_padding;
    };
  }

  @Override
  public void backward() {
    Buffer source = context.value(input);
    Buffer target = context.value(fused.output());
    pooling_v2_backward.desc description =
        new pooling_v2_backward.desc(
            operation(),
            source.descriptor(),
            target.descriptor(),
            window.strides(),
            window.kernels(),
            PlanContext.gaps(window),
            window.paddingBefore(shape),
            window.paddingAfter(shape));
    pooling_v2_backward.primitive_desc found =
        new pooling_v2_backward.primitive_desc(
            description, context.plainAttributes(), context.engine(), forward);
    var phases = context.gradientPhases(input);
    String label = fused.output() + ": pooling " + window + " input gradient";
    Buffer given =
        context.converted(label, context.takeGradient(fused.output()), target.descriptor(), phases);
    Buffer result = context.buffer(input + " gradient", source.descriptor());
    List<Argument> arguments = new ArrayList<>();
    arguments.add(new Argument(DNNL_ARG_DIFF_DST, given));
    arguments.add(new Argument(DNNL_ARG_DIFF_SRC, result));
    if (workspace != null) {
      arguments.add(new Argument(DNNL_ARG_WORKSPACE, workspace));
    }
    context.step(
        label,
        phases,
        new pooling_v2_backward(found),
        found,
        0,
        arguments.toArray(Argument[]::new));
    context.contribute(input, result);
  }
}
