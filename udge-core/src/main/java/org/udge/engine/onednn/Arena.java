package org.udge.engine.onednn;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkState;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.engine.onednn.Step.Argument;
import org.udge.engine.onednn.Step.Phase;

/**
 * The memory of one run of a plan, with the steps of the plan bound to it. It is leased by a pass
 * and then reused. Guarded by the engine's lock.
 */
final class Arena implements AutoCloseable {

  private static final int ALIGNMENT = 4096;

  /** The number of bytes that are always zero, enough for a block of channels. */
  private static final int ZEROS = 64;

  private final NativeScope scope = new NativeScope();
  private final Plan plan;
  private final PackedWeights weights;
  private final FlatArrays arrays;
  private final long base;
  private final INDArray logits;
  private final INDArray inputGradient;
  private final BytePointer logitGradient;
  private final memory images;
  private final Map<Buffer, memory> memories = new HashMap<>();
  private final Map<Phase, List<Runnable>> programs = new EnumMap<>(Phase.class);
  private long dropoutSeed;

  Arena(Plan plan, PackedWeights weights, FlatArrays arrays) {
    this.plan = plan;
    this.weights = weights;
    this.arrays = arrays;
    PointerScope temporaries = NativeScope.temporaries();
    try {
      BytePointer block = scope.keep(new BytePointer(plan.bytes() + ZEROS + ALIGNMENT));
      base = (block.address() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
      // Tensors padded to whole blocks of channels must have zeros in the padding.
      Pointer.memset(block, 0, block.capacity());
      logits = HostArrays.create(plan.logitShape());
      inputGradient = HostArrays.create(plan.imageShape());
      logitGradient = scope.keep(new BytePointer(Math.max(1, logits.length() * Float.BYTES)));
      images = memory(PlanContext.plain(plan.imageShape()), HostArrays.address(inputGradient));
      for (Phase phase : Phase.values()) {
        programs.put(phase, bind(phase));
      }
    } finally {
      temporaries.close();
    }
  }

  private memory memory(memory.desc layout, long address) {
    return scope.keep(new memory(layout, OneDnnLibrary.get().engine(), new Address(address)));
  }

  private List<Runnable> bind(Phase phase) {
    List<Runnable> program = new ArrayList<>();
    for (Step step : plan.steps()) {
      if (step.phases().contains(phase)) {
        program.add(bind(step));
      }
    }
    return program;
  }

  private Runnable bind(Step step) {
    if (step instanceof Step.Host host) {
      return () -> host.action().accept(this);
    }
    Step.Native call = (Step.Native) step;
    List<Integer> roles = new ArrayList<>();
    List<memory> bound = new ArrayList<>();
    for (Argument argument : call.arguments()) {
      roles.add(argument.role());
      bound.add(memories.computeIfAbsent(argument.buffer(), this::memory));
    }
    if (call.scratchBytes() > 0) {
      roles.add(dnnl.DNNL_ARG_SCRATCHPAD);
      memory.desc layout =
          new memory.desc(
              new long[] {call.scratchBytes()}, memory.data_type.u8, memory.format_tag.x);
      bound.add(memory(layout, base + plan.arenaBytes()));
    }
    return new Execution(scope, call.code(), roles, bound);
  }

  private memory memory(Buffer buffer) {
    return switch (buffer.place()) {
      case IMAGES -> images;
      case PACKED -> weights.memory(buffer);
      default -> memory(buffer.descriptor(), address(buffer));
    };
  }

  private long address(Buffer buffer) {
    return switch (buffer.place()) {
      case ARENA -> base + buffer.offset();
      case LOGITS -> HostArrays.address(logits);
      case LOGIT_GRADIENT -> logitGradient.address();
      case INPUT_GRADIENT -> HostArrays.address(inputGradient);
      case PARAMETERS -> arrays.parameters() + buffer.offset();
      case GRADIENTS -> arrays.gradients() + buffer.offset();
      case ZERO -> base + plan.bytes();
      case IMAGES, PACKED -> throw new AssertionError(buffer.place());
    };
  }

  Plan plan() {
    return plan;
  }

  FlatArrays arrays() {
    return arrays;
  }

  INDArray logits() {
    return logits;
  }

  INDArray inputGradient() {
    return inputGradient;
  }

  /** Returns the gradient from which backward steps start; to be filled by the caller. */
  BytePointer logitGradient() {
    return logitGradient;
  }

  long dropoutSeed() {
    return dropoutSeed;
  }

  /** Sets the images and dropout seed that the next forward steps read. */
  void use(long imagesAddress, long seed) {
    images.set_data_handle(new Address(imagesAddress));
    dropoutSeed = seed;
  }

  /** Runs the steps of a phase. */
  void run(Phase phase) {
    weights.renew(plan.packed(phase));
    List<Runnable> program = requireNonNull(programs.get(phase));
    for (int i = 0; i < program.size(); i++) {
      program.get(i).run();
    }
  }

  /** Runs the steps of a phase and adds the time of each to an array, in nanoseconds. */
  void run(Phase phase, long[] nanoseconds) {
    weights.renew(plan.packed(phase));
    List<Runnable> program = requireNonNull(programs.get(phase));
    checkState(nanoseconds.length == program.size(), "one time for each step");
    for (int i = 0; i < nanoseconds.length; i++) {
      long start = System.nanoTime();
      program.get(i).run();
      nanoseconds[i] = System.nanoTime() - start;
    }
  }

  // Used by steps in Java.

  void clear(Buffer buffer) {
    Pointer.memset(new Address(address(buffer)), 0, buffer.bytes());
  }

  ByteBuffer bytes(Buffer buffer) {
    return view(address(buffer), buffer.bytes());
  }

  FloatBuffer floats(Buffer buffer) {
    return bytes(buffer).asFloatBuffer();
  }

  FloatBuffer parameters(long offset, long length) {
    return view(arrays.parameters() + offset * Float.BYTES, length * Float.BYTES).asFloatBuffer();
  }

  FloatBuffer gradients(long offset, long length) {
    return view(arrays.gradients() + offset * Float.BYTES, length * Float.BYTES).asFloatBuffer();
  }

  private static ByteBuffer view(long address, long bytes) {
    BytePointer pointer = new BytePointer(new Address(address));
    return pointer.capacity(bytes).asByteBuffer().order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    programs.clear();
    memories.clear();
    scope.close();
    logits.close();
    inputGradient.close();
  }
}
