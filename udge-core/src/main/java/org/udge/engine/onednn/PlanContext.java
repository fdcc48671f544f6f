package org.udge.engine.onednn;

import static java.util.Objects.requireNonNull;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.scratchpad_mode;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;
import org.udge.data.ImageShape;
import org.udge.engine.Mode;
import org.udge.engine.Precision;
import org.udge.engine.nodes.Node;
import org.udge.engine.nodes.Window;
import org.udge.engine.onednn.Step.Argument;
import org.udge.engine.onednn.Step.Phase;

/**
 * The shared state of the kernels of a plan under construction: activations and gradients by name,
 * and the steps so far.
 *
 * <p>All native temporaries belong to the {@code PointerScope} that encloses the construction of a
 * plan.
 */
final class PlanContext {

  static final Set<Phase> FORWARD = Set.of(Phase.FORWARD);
  static final Set<Phase> PARAMETERS_ONLY = Set.of(Phase.PARAMETER_GRADIENT);
  private static final Set<Phase> BOTH_GRADIENTS =
      Set.of(Phase.INPUT_GRADIENT, Phase.PARAMETER_GRADIENT);

  private record Value(ImageShape shape, Buffer buffer, boolean parametersBefore) {}

  private record Conversion(String value, Buffer result) {}

  private final int batch;
  private final Mode mode;
  private final Precision precision;
  private final Set<Phase> restPhases;
  private final NativeScope scope;
  private final PackedWeights weights;
  private final engine cpu = OneDnnLibrary.get().engine();
  private final primitive_attr plainAttributes;
  private final Map<String, Value> values = new HashMap<>();
  private final Map<String, Buffer> gradients = new HashMap<>();
  private final List<Conversion> conversions = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<Step> rest = new ArrayList<>();

  PlanContext(
      int batch,
      Mode mode,
      Precision precision,
      boolean separateRest,
      NativeScope scope,
      PackedWeights weights) {
    this.batch = batch;
    this.mode = mode;
    this.precision = precision;
    this.scope = scope;
    this.weights = weights;
    Set<Phase> phases = new HashSet<>(Set.of(Phase.INPUT_GRADIENT));
    if (separateRest) {
      phases.add(Phase.INPUT_GRADIENT_REST);
    }
    this.restPhases = Set.copyOf(phases);
    this.plainAttributes = attributes();
  }

  int batch() {
    return batch;
  }

  Mode mode() {
    return mode;
  }

  engine engine() {
    return cpu;
  }

  /** Returns all steps; those needed only by input gradients come last. */
  List<Step> steps() {
    List<Step> all = new ArrayList<>(steps);
    all.addAll(rest);
    return all;
  }

  // Activations and their gradients.

  /** Defines the location of the images. */
  void defineImages(FusedNode node, ImageShape shape, Buffer buffer) {
    values.put(node.output(), new Value(shape, buffer, false));
  }

  /** Defines the location of the output of a node. */
  void define(FusedNode node, Buffer buffer) {
    boolean before =
        node.node().trained()
            || node.node().inputs().stream().anyMatch(this::parametersBefore)
            || node.addend().map(this::parametersBefore).orElse(false);
    values.put(node.output(), new Value(outputShape(node.node()), buffer, before));
  }

  /** Returns the shape of the output of a node. */
  ImageShape outputShape(Node node) {
    return node.output(node.inputs().stream().map(this::shape).toList());
  }

  private boolean parametersBefore(String name) {
    return known(name).parametersBefore();
  }

  ImageShape shape(String name) {
    return known(name).shape();
  }

  Buffer value(String name) {
    return known(name).buffer();
  }

  /** Returns whether the tensor of an activation is [N, features] rather than [N, C, H, W]. */
  boolean isFlat(String name) {
    return value(name).descriptor().data().ndims() == 2;
  }

  /** Returns the sizes of the tensor of an activation. */
  long[] dimensions(String name) {
    return isFlat(name) ? new long[] {batch, shape(name).size()} : shape(name).batch(batch);
  }

  private Value known(String name) {
    return requireNonNull(values.get(name), name);
  }

  /**
   * Returns an activation in the given layout; converted only once, even if requested repeatedly.
   */
  Buffer value(String name, memory.desc layout, Set<Phase> phases) {
    Buffer buffer = value(name);
    if (buffer.hasLayout(layout)) {
      return buffer;
    }
    for (Conversion conversion : conversions) {
      if (conversion.value().equals(name) && conversion.result().hasLayout(layout)) {
        return conversion.result();
      }
    }
    Buffer result = converted(name, buffer, layout, phases);
    if (phases.equals(FORWARD)) {
      conversions.add(new Conversion(name, result));
    }
    return result;
  }

  /** Returns the phases that need the gradient with respect to an activation. */
  Set<Phase> gradientPhases(String name) {
    return parametersBefore(name) ? BOTH_GRADIENTS : restPhases;
  }

  /** Returns the sum of the contributions to a gradient so far. */
  Optional<Buffer> contributions(String name) {
    return Optional.ofNullable(gradients.get(name));
  }

  /** Returns the complete gradient with respect to an activation; the caller may overwrite it. */
  Buffer takeGradient(String name) {
    return requireNonNull(gradients.remove(name), name);
  }

  /**
   * Returns the complete gradient in the layout of another buffer, converted for the given node if
   * its layout differs.
   */
  Buffer takeGradient(String name, String node, Buffer like) {
    return converted(
        node + " gradient", takeGradient(name), like.descriptor(), gradientPhases(name));
  }

  /**
   * Adds a contribution to the gradient with respect to an activation; the caller must not use the
   * buffer again.
   */
  void contribute(String name, Buffer gradient) {
    Buffer sum = gradients.get(name);
    Set<Phase> phases = gradientPhases(name);
    if (sum == null) {
      gradients.put(name, withAxesOf(value(name).descriptor(), name, gradient, phases));
      return;
    }
    Buffer other = converted(name + " gradient", gradient, sum.descriptor(), phases);
    add(name + " gradient", sum, other, sum, phases);
  }

  /**
   * Adds a step for target = a + b, all in the same layout; the target may be one of the operands.
   */
  void add(String label, Buffer a, Buffer b, Buffer target, Set<Phase> phases) {
    binary(label + ": add", algorithm.binary_add, a, b, target, phases);
  }

  /**
   * Adds a step for target = a (operation) b, all in the same layout; the target may be one of the
   * operands.
   */
  void binary(
      String label, algorithm operation, Buffer a, Buffer b, Buffer target, Set<Phase> phases) {
    binary.desc description =
        new binary.desc(operation, a.descriptor(), b.descriptor(), target.descriptor());
    binary.primitive_desc found = new binary.primitive_desc(description, plainAttributes, cpu);
    step(
        label,
        phases,
        new binary(found),
        found,
        0,
        new Argument(DNNL_ARG_SRC_0, a),
        new Argument(DNNL_ARG_SRC_1, b),
        new Argument(DNNL_ARG_DST, target));
  }

  // Tensors and layouts.

  memory.data_type type() {
    return precision == Precision.BFLOAT16 ? memory.data_type.bf16 : memory.data_type.f32;
  }

  /** Returns a descriptor that lets a primitive choose its preferred layout. */
  static memory.desc any(memory.data_type type, long... dimensions) {
    return new memory.desc(dimensions, type, memory.format_tag.any);
  }

  /** Returns the number of pixels between taps, as oneDNN counts them: 0 for dense kernels. */
  static long[] gaps(Window window) {
    return Arrays.stream(window.dilations()).map(dilation -> dilation - 1).toArray();
  }

  /** Returns the layout of float32 numbers with the given strides. */
  static memory.desc strided(long[] dimensions, long[] strides) {
    return new memory.desc(dimensions, memory.data_type.f32, strides);
  }

  static memory.desc vector(long length) {
    return new memory.desc(new long[] {length}, memory.data_type.f32, memory.format_tag.x);
  }

  /**
   * Returns the layout of a bias; without one, the empty layout, which oneDNN interprets as no
   * bias.
   */
  static memory.desc bias(OptionalLong offset, long length) {
    return offset.isPresent() ? vector(length) : new memory.desc();
  }

  static memory.desc plain(long... dimensions) {
    return plain(memory.data_type.f32, dimensions);
  }

  static memory.desc plain(memory.data_type type, long... dimensions) {
    memory.format_tag tag = dimensions.length == 4 ? memory.format_tag.nchw : memory.format_tag.nc;
    return new memory.desc(dimensions, type, tag);
  }

  Buffer buffer(String name, memory.desc layout) {
    return buffer(name, layout, Buffer.Place.ARENA, 0);
  }

  Buffer buffer(String name, memory.desc layout, Buffer.Place place, long offset) {
    return new Buffer(name, scope.keep(layout), place, offset);
  }

  /** Returns a single zero for comparison with images in blocks of 16 channels. */
  Buffer zero(Buffer images) {
    memory.desc layout =
        new memory.desc(
            new long[] {1, 1, 1, 1}, images.descriptor().data_type(), memory.format_tag.nChw16c);
    return buffer("zero", layout, Buffer.Place.ZERO, 0);
  }

  /** Returns a view of the same memory with other sizes. */
  Buffer view(Buffer buffer, memory.desc layout) {
    return buffer.view(scope.keep(layout));
  }

  /** Returns parameters in place. */
  Buffer parameter(String name, long offset, memory.desc layout) {
    return buffer(name, layout, Buffer.Place.PARAMETERS, offset * Float.BYTES);
  }

  /**
   * Returns parameters in the requested layout: a packed copy, or the parameters in place if they
   * have that layout.
   */
  Buffer packed(String name, long offset, memory.desc from, memory.desc to) {
    return from.equals(to)
        ? parameter(name, offset, from)
        : weights.packed(name, offset * Float.BYTES, from, to);
  }

  /** Returns the same values in another layout; the buffer itself if it already has that layout. */
  Buffer converted(String label, Buffer buffer, memory.desc layout, Set<Phase> phases) {
    if (buffer.hasLayout(layout)) {
      return buffer;
    }
    Buffer source = withAxesOf(layout, label, buffer, phases);
    if (source.hasLayout(layout)) {
      return source;
    }
    Buffer result = buffer(buffer.name() + " reordered", layout);
    copy(label, source, result, phases);
    return result;
  }

  /** Returns features as one-pixel images, or the reverse. */
  private Buffer withAxesOf(memory.desc layout, String label, Buffer buffer, Set<Phase> phases) {
    if (buffer.descriptor().data().ndims() == layout.data().ndims()) {
      return buffer;
    }
    memory.data_type type = buffer.descriptor().data_type();
    Buffer plain = converted(label, buffer, plain(type, dimensions(buffer.descriptor())), phases);
    return view(plain, plain(type, dimensions(layout)));
  }

  private static long[] dimensions(memory.desc layout) {
    long[] dimensions = new long[layout.data().ndims()];
    layout.dims().get(dimensions);
    return dimensions;
  }

  /** Returns a part of a tensor that includes all its images, starting at the given offset. */
  Buffer part(Buffer whole, long[] dimensions, long channel, long row, long column) {
    return view(
        whole, whole.descriptor().submemory_desc(dimensions, new long[] {0, channel, row, column}));
  }

  /** Adds a step that fills a tensor with zeros. */
  void clear(String label, Buffer target, Set<Phase> phases) {
    add(new Step.Host(label + ": zeros", phases, List.of(target), arena -> arena.clear(target)));
  }

  /** Adds a step for target = source, in any layouts. */
  void copy(String label, Buffer source, Buffer target, Set<Phase> phases) {
    reorder(label + ": reorder", source, target, plainAttributes, phases);
  }

  /** Adds a step that accumulates a gradient in the flat gradient view. */
  void addToGradients(String label, Buffer gradient, long offset, memory.desc plain) {
    Buffer target =
        buffer(label + " gradient", plain, Buffer.Place.GRADIENTS, offset * Float.BYTES);
    post_ops sum = new post_ops();
    sum.append_sum();
    primitive_attr attributes = attributes();
    attributes.set_post_ops(sum);
    reorder(label + ": add to gradients", gradient, target, attributes, PARAMETERS_ONLY);
  }

  /**
   * Adds a Java step that accumulates a gradient whose layout differs from that of its parameters.
   */
  void addToGradients(String label, Buffer gradient, Consumer<Arena> addition) {
    add(new Step.Host(label + ": add to gradients", PARAMETERS_ONLY, List.of(gradient), addition));
  }

  private void reorder(
      String label, Buffer source, Buffer target, primitive_attr attributes, Set<Phase> phases) {
    reorder.primitive_desc found =
        new reorder.primitive_desc(
            cpu, source.descriptor(), cpu, target.descriptor(), attributes, false);
    step(
        label,
        phases,
        new reorder(found),
        found,
        0,
        new Argument(DNNL_ARG_SRC, source),
        new Argument(DNNL_ARG_DST, target));
  }

  // Steps.

  /** Returns attributes of primitives that do not allocate their own scratch memory. */
  primitive_attr attributes() {
    primitive_attr attributes = new primitive_attr();
    attributes.set_scratchpad_mode(scratchpad_mode.user);
    return attributes;
  }

  primitive_attr plainAttributes() {
    return plainAttributes;
  }

  void step(
      String label,
      Set<Phase> phases,
      primitive code,
      primitive_desc_base found,
      long operations,
      Argument... arguments) {
    step(label, phases, code, found, operations, Optional.empty(), List.of(arguments));
  }

  /** Adds a step for one direction of a convolution. */
  void step(
      String label,
      Set<Phase> phases,
      primitive code,
      primitive_desc_base found,
      ConvolutionProblem convolution,
      List<Argument> arguments) {
    step(label, phases, code, found, convolution.operations(), Optional.of(convolution), arguments);
  }

  private void step(
      String label,
      Set<Phase> phases,
      primitive code,
      primitive_desc_base found,
      long operations,
      Optional<ConvolutionProblem> convolution,
      List<Argument> arguments) {
    add(
        new Step.Native(
            label,
            phases,
            scope.keep(code),
            List.copyOf(arguments),
            found.scratchpad_desc().get_size(),
            found.impl_info_str().getString(),
            operations,
            convolution));
  }

  void add(Step step) {
    (step.phases().contains(Phase.INPUT_GRADIENT_REST) ? rest : steps).add(step);
  }
}
