package org.udge.engine.onednn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.PointerScope;
import org.udge.data.ImageShape;
import org.udge.engine.Mode;
import org.udge.engine.Precision;
import org.udge.engine.nodes.Node;
import org.udge.engine.onednn.Step.Phase;

/**
 * The third stage of compilation: fused nodes are converted to the steps of a plan for one batch
 * size.
 */
final class PlanBuilder {

  /** A factory of kernels for one kind of node. */
  private interface Kernels<N extends Node> {
    Kernel of(PlanContext context, FusedNode fused, N node);
  }

  private static final Map<Class<? extends Node>, Kernels<Node>> KERNELS =
      Map.ofEntries(
          kernel(Node.Convolution.class, ConvolutionKernel::new),
          kernel(Node.Dense.class, DenseKernel::new),
          kernel(Node.Activation.class, ActivationKernel::new),
          kernel(Node.Add.class, AddKernel::new),
          kernel(Node.BatchNorm.class, BatchNormKernel::new),
          kernel(Node.InstanceNorm.class, InstanceNormKernel::new),
          kernel(Node.LayerNorm.class, LayerNormKernel::new),
          kernel(Node.ActNorm.class, ActNormKernel::new),
          kernel(Node.Pool.class, PoolKernel::of),
          kernel(Node.GlobalPool.class, PoolKernel::global),
          kernel(Node.Dropout.class, DropoutKernel::new),
          kernel(Node.Deconvolution.class, DeconvolutionKernel::new),
          kernel(Node.Concatenate.class, ConcatenateKernel::new),
          kernel(Node.Product.class, ProductKernel::new),
          kernel(Node.Maximum.class, MaximumKernel::new),
          kernel(Node.Reshape.class, ReshapeKernel::new),
          kernel(Node.Border.class, BorderKernel::new),
          kernel(Node.Upsample.class, UpsampleKernel::new),
          kernel(Node.LocalResponseNorm.class, LocalResponseNormKernel::new),
          kernel(Node.UnitNorm.class, UnitNormKernel::new),
          kernel(Node.ParametricRelu.class, ParametricReluKernel::new));

  private final List<FusedNode> nodes;
  private final long[] images;
  private final NativeScope scope = new NativeScope();
  private final PlanContext context;

  private PlanBuilder(
      List<FusedNode> nodes, long[] images, Mode mode, Precision precision, PackedWeights weights) {
    this.nodes = nodes;
    this.images = images;
    this.context =
        new PlanContext((int) images[0], mode, precision, restIsSeparate(nodes), scope, weights);
  }

  /**
   * Creates a plan.
   *
   * @param nodes the nodes in topological order, the images first, the logits last
   * @param images the shape of the images, [N, C, H, W]
   */
  static Plan build(
      List<FusedNode> nodes, long[] images, Mode mode, Precision precision, PackedWeights weights) {
    PointerScope temporaries = NativeScope.temporaries();
    try {
      return new PlanBuilder(nodes, images, mode, precision, weights).build();
    } finally {
      temporaries.close();
    }
  }

  /**
   * Returns whether the input gradient can be completed from the intermediate results of a
   * parameter gradient, which is the case if the only reader of the images is one convolution with
   * weight gradients and its own gradient is not used elsewhere.
   */
  private static boolean restIsSeparate(List<FusedNode> nodes) {
    List<FusedNode> readers = readers(nodes, nodes.get(0).output());
    while (readers.size() == 1 && readers.get(0).node() instanceof Node.Reshape) {
      readers = readers(nodes, readers.get(0).output());
    }
    return readers.size() == 1
        && readers.get(0).node() instanceof Node.Convolution
        && readers.get(0).node().trained()
        && readers.get(0).addend().isEmpty();
  }

  private static List<FusedNode> readers(List<FusedNode> nodes, String value) {
    return nodes.stream()
        .filter(n -> n.node().inputs().contains(value) || n.addend().equals(Optional.of(value)))
        .toList();
  }

  private Plan build() {
    try {
      return unguardedBuild();
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  private Plan unguardedBuild() {
    FusedNode input = nodes.get(0);
    Buffer imageBuffer =
        context.buffer("images", PlanContext.plain(images), Buffer.Place.IMAGES, 0);
    ImageShape shape = new ImageShape((int) images[1], (int) images[2], (int) images[3]);
    context.defineImages(input, shape, imageBuffer);
    List<Kernel> kernels = new ArrayList<>();
    for (FusedNode node : nodes.subList(1, nodes.size())) {
      Kernel kernel = kernel(node);
      kernel.forward();
      kernels.add(kernel);
    }
    FusedNode output = nodes.get(nodes.size() - 1);
    logits(output);
    for (int i = kernels.size() - 1; i >= 0; i--) {
      kernels.get(i).backward();
    }
    Set<Phase> phases = context.gradientPhases(input.output());
    Buffer target =
        context.buffer("input gradient", PlanContext.plain(images), Buffer.Place.INPUT_GRADIENT, 0);
    context.copy("images", context.takeGradient(input.output()), target, phases);
    long[] logitShape = {images[0], context.shape(output.output()).size()};
    return new Plan(scope, images, logitShape, context.steps());
  }

  private void logits(FusedNode output) {
    Buffer value = context.value(output.output());
    memory.desc layout = PlanContext.plain(context.dimensions(output.output()));
    Buffer target = context.buffer("logits", layout, Buffer.Place.LOGITS, 0);
    context.copy("logits", value, target, PlanContext.FORWARD);
    Buffer given = context.buffer("given gradient", layout, Buffer.Place.LOGIT_GRADIENT, 0);
    Buffer gradient = context.buffer("logits gradient", layout);
    context.copy("logits gradient", given, gradient, context.gradientPhases(output.output()));
    context.contribute(output.output(), gradient);
  }

  private Kernel kernel(FusedNode fused) {
    Kernels<Node> kernels = KERNELS.get(fused.node().getClass());
    if (kernels == null) {
      throw new AssertionError(fused.node());
    }
    return kernels.of(context, fused, fused.node());
  }

  private static <N extends Node> Map.Entry<Class<? extends Node>, Kernels<Node>> kernel(
      Class<N> kind, Kernels<N> kernels) {
    return Map.entry(kind, (context, fused, node) -> kernels.of(context, fused, kind.cast(node)));
  }
}
