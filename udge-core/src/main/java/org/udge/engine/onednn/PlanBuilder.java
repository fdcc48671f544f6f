package org.udge.engine.onednn;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.PointerScope;
import org.udge.engine.Mode;
import org.udge.engine.Precision;
import org.udge.engine.nodes.Node;
import org.udge.engine.nodes.Shape;
import org.udge.engine.onednn.Step.Phase;

/** Third stage: fused nodes become the steps of a plan for one batch size. */
final class PlanBuilder {

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
   * Makes a plan.
   *
   * @param nodes topologically ordered, the images first, the logits last
   * @param images [N, C, H, W]
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
   * Whether the input gradient can be had from what a parameter gradient leaves behind: so if one
   * convolution with weight gradients reads the images and its own gradient goes nowhere else.
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
    Shape shape = new Shape((int) images[1], (int) images[2], (int) images[3]);
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
    memory.desc layout =
        value.descriptor().data().ndims() == 2
            ? PlanContext.plain(images[0], context.shape(output.output()).size())
            : PlanContext.plain(context.shape(output.output()).batch((int) images[0]));
    Buffer target = context.buffer("logits", layout, Buffer.Place.LOGITS, 0);
    context.copy("logits", value, target, PlanContext.FORWARD);
    Buffer given = context.buffer("given gradient", layout, Buffer.Place.LOGIT_GRADIENT, 0);
    Buffer gradient = context.buffer("logits gradient", layout);
    context.copy("logits gradient", given, gradient, context.gradientPhases(output.output()));
    context.contribute(output.output(), gradient);
  }

  private Kernel kernel(FusedNode fused) {
    Node node = fused.node();
    if (node instanceof Node.Convolution convolution) {
      return new ConvolutionKernel(context, fused, convolution);
    }
    if (node instanceof Node.Dense dense) {
      return new DenseKernel(context, fused, dense);
    }
    if (node instanceof Node.Activation activation) {
      return new ActivationKernel(context, fused, activation);
    }
    if (node instanceof Node.Add add) {
      return new AddKernel(context, fused, add);
    }
    if (node instanceof Node.BatchNorm norm) {
      return new BatchNormKernel(context, fused, norm);
    }
    if (node instanceof Node.InstanceNorm norm) {
      return new InstanceNormKernel(context, fused, norm);
    }
    if (node instanceof Node.LayerNorm norm) {
      return new LayerNormKernel(context, fused, norm);
    }
    if (node instanceof Node.ActNorm norm) {
      return new ActNormKernel(context, fused, norm);
    }
    if (node instanceof Node.Pool pool) {
      return new PoolKernel(context, fused, pool.input(), pool.kind(), pool.window());
    }
    if (node instanceof Node.GlobalPool pool) {
      return PoolKernel.global(context, fused, pool);
    }
    if (node instanceof Node.Dropout dropout) {
      return new DropoutKernel(context, fused, dropout);
    }
    if (node instanceof Node.Deconvolution deconvolution) {
      return new DeconvolutionKernel(context, fused, deconvolution);
    }
    if (node instanceof Node.Concatenate concatenation) {
      return new ConcatenateKernel(context, fused, concatenation);
    }
    if (node instanceof Node.Product product) {
      return new ProductKernel(context, fused, product);
    }
    if (node instanceof Node.Maximum maximum) {
      return new MaximumKernel(context, fused, maximum);
    }
    if (node instanceof Node.Reshape reshape) {
      return new ReshapeKernel(context, fused, reshape);
    }
    if (node instanceof Node.Border border) {
      return new BorderKernel(context, fused, border);
    }
    if (node instanceof Node.Upsample upsampling) {
      return new UpsampleKernel(context, fused, upsampling);
    }
    if (node instanceof Node.LocalResponseNorm norm) {
      return new LocalResponseNormKernel(context, fused, norm);
    }
    if (node instanceof Node.UnitNorm norm) {
      return new UnitNormKernel(context, fused, norm);
    }
    if (node instanceof Node.ParametricRelu rectifier) {
      return new ParametricReluKernel(context, fused, rectifier);
    }
    throw new AssertionError(node);
  }
}
