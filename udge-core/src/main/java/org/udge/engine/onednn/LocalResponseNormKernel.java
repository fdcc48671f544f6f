package org.udge.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.lrn_backward;
import org.bytedeco.dnnl.lrn_forward;
import org.udge.engine.nodes.Node;
import org.udge.engine.onednn.Step.Argument;

/**
 * The kernel of local response normalization over channels; oneDNN divides alpha by the number of
 * channels.
 */
final class LocalResponseNormKernel implements Kernel {

  private final PlanContext context;
  private final FusedNode fused;
  private final Node.LocalResponseNorm node;
  private lrn_forward.primitive_desc forward;
  private Optional<Buffer> workspace = Optional.empty();

  LocalResponseNormKernel(PlanContext context, FusedNode fused, Node.LocalResponseNorm node) {
    this.context = context;
    this.fused = fused;
    this.node = node;
  }

  @Override
  public void forward() {
    Buffer source = context.value(node.input());
    forward =
        new lrn_forward.primitive_desc(
            new lrn_forward.desc(
                prop_kind.forward_training,
                algorithm.lrn_across_channels,
                source.descriptor(),
                node.size(),
                (float) node.alphaOfMean(),
                (float) node.beta(),
                (float) node.k()),
            context.plainAttributes(),
            context.engine());
    Buffer target = context.buffer(node.name(), source.descriptor());
    List<Argument> arguments = new ArrayList<>();
    arguments.add(new Argument(DNNL_ARG_SRC, source));
    arguments.add(new Argument(DNNL_ARG_DST, target));
    if (forward.workspace_desc().get_size() > 0) {
      Buffer scales = context.buffer(node.name() + " scales", forward.workspace_desc());
      workspace = Optional.of(scales);
      arguments.add(new Argument(DNNL_ARG_WORKSPACE, scales));
    }
    context.step(
        node.name() + ": local response norm",
        PlanContext.FORWARD,
        new lrn_forward(forward),
        forward,
        0,
        arguments.toArray(Argument[]::new));
    context.define(fused, target);
  }

  @Override
  public void backward() {
    Buffer source = context.value(node.input());
    Buffer given = context.takeGradient(node.name(), node.name(), source);
    Buffer result = context.buffer(node.input() + " gradient", source.descriptor());
    lrn_backward.primitive_desc found =
        new lrn_backward.primitive_desc(
            new lrn_backward.desc(
                algorithm.lrn_across_channels,
                source.descriptor(),
                given.descriptor(),
                node.size(),
                (float) node.alphaOfMean(),
                (float) node.beta(),
                (float) node.k()),
            context.plainAttributes(),
            context.engine(),
            forward);
    List<Argument> arguments = new ArrayList<>();
    arguments.add(new Argument(DNNL_ARG_SRC, source));
    arguments.add(new Argument(DNNL_ARG_DIFF_DST, given));
    arguments.add(new Argument(DNNL_ARG_DIFF_SRC, result));
    workspace.ifPresent(scales -> arguments.add(new Argument(DNNL_ARG_WORKSPACE, scales)));
    context.step(
        node.name() + ": local response norm gradient",
        context.gradientPhases(node.input()),
        new lrn_backward(found),
        found,
        0,
        arguments.toArray(Argument[]::new));
    context.contribute(node.input(), result);
  }
}
