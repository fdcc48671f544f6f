package org.udge.engine.onednn;

import java.util.List;
import org.bytedeco.dnnl.memory;
import org.udge.data.ImageShape;
import org.udge.engine.nodes.Node;

/**
 * The kernel of concatenation: copies every input to its place among the channels of one tensor, in
 * whole blocks of channels if every input fills its blocks.
 */
final class ConcatenateKernel implements Kernel {

  private final PlanContext context;
  private final FusedNode fused;
  private final Node.Concatenate node;
  private final List<ImageShape> shapes;
  private final memory.desc layout;

  ConcatenateKernel(PlanContext context, FusedNode fused, Node.Concatenate node) {
    this.context = context;
    this.fused = fused;
    this.node = node;
    this.shapes = node.inputs().stream().map(context::shape).toList();
    Buffer first = context.value(node.inputs().get(0));
    int block = SampleLayouts.block(first);
    boolean whole = shapes.stream().allMatch(shape -> shape.channels() % block == 0);
    this.layout =
        SampleLayouts.blocked(
            first.descriptor().data_type(),
            whole ? block : 1,
            node.output(shapes).batch(context.batch()));
  }

  @Override
  public void forward() {
    Buffer target = context.buffer(node.name(), layout);
    int channel = 0;
    for (int i = 0; i < shapes.size(); i++) {
      String input = node.inputs().get(i);
      Buffer source = images(input, context.value(input));
      context.copy(node.name(), source, part(target, i, channel), PlanContext.FORWARD);
      channel += shapes.get(i).channels();
    }
    context.define(fused, target);
  }

  private Buffer part(Buffer whole, int index, int channel) {
    return context.part(whole, shapes.get(index).batch(context.batch()), channel, 0, 0);
  }

  /** Returns a tensor of vectors as a tensor of one-pixel images. */
  private Buffer images(String input, Buffer buffer) {
    long[] dimensions = context.shape(input).batch(context.batch());
    return context.isFlat(input)
        ? context.view(buffer, PlanContext.plain(buffer.descriptor().data_type(), dimensions))
        : buffer;
  }

  @Override
  public void backward() {
    Buffer gradient =
        context.converted(
            node.name() + " gradient",
            context.takeGradient(node.name()),
            layout,
            context.gradientPhases(node.name()));
    int channel = 0;
    for (int i = 0; i < shapes.size(); i++) {
      String input = node.inputs().get(i);
      Buffer result = context.buffer(input + " gradient", context.value(input).descriptor());
      context.copy(
          node.name() + " gradient",
          part(gradient, i, channel),
          images(input, result),
          context.gradientPhases(input));
      context.contribute(input, result);
      channel += shapes.get(i).channels();
    }
  }
}
