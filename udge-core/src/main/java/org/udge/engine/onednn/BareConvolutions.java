package org.udge.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * Measures the performance of oneDNN alone on the convolutions of a plan: each runs repeatedly by
 * itself, in its preferred layouts, without fusion, without copies before or after, and on recently
 * used memory. All use one block of memory, like the steps of a plan.
 */
final class BareConvolutions {

  /**
   * The byte pattern that fills memory with 0.0115, both as float32 and as bfloat16: neither zero
   * nor denormal.
   */
  private static final int PATTERN = 0x3c;

  private static final int RUNS_IN_A_TURN = 5;
  private static final int PAGE = 4096;
  private static final int ALIGNMENT = 64;

  private final engine cpu = OneDnnLibrary.get().engine();
  private final List<Integer> roles = new ArrayList<>();
  private final List<memory.desc> layouts = new ArrayList<>();
  private final Step.Native call;
  private final Code code;

  /** A oneDNN primitive and its description. */
  private record Code(primitive_desc_base description, primitive primitive) {}

  private BareConvolutions(Step.Native call) {
    this.call = call;
    this.code = prepare(StepKind.of(call), call.convolution().orElseThrow());
  }

  /**
   * Measures the convolutions of a plan. They take turns several times, so that a momentary
   * disturbance does not distort the result of a single convolution.
   *
   * @param rounds the number of runs of each; the fastest one counts
   * @return one time for each convolution of the plan in each direction, labeled as in the plan
   */
  static List<StepTime> measure(Plan plan, int rounds) {
    List<Step.Native> calls =
        plan.steps().stream()
            .filter(Step.Native.class::isInstance)
            .map(Step.Native.class::cast)
            .filter(call -> call.convolution().isPresent())
            .toList();
    long bytes = calls.stream().mapToLong(BareConvolutions::bytes).max().orElse(0);
    Map<Step.Native, StepTime> fastest = new LinkedHashMap<>();
    try (BytePointer block = new BytePointer(bytes + PAGE)) {
      for (int left = rounds; left > 0; left -= RUNS_IN_A_TURN) {
        for (Step.Native call : calls) {
          StepTime time = turn(call, Math.min(left, RUNS_IN_A_TURN), block);
          fastest.merge(call, time, BareConvolutions::faster);
        }
      }
    }
    return List.copyOf(fastest.values());
  }

  private static StepTime faster(StepTime a, StepTime b) {
    return a.milliseconds() <= b.milliseconds() ? a : b;
  }

  private static long bytes(Step.Native call) {
    PointerScope temporaries = NativeScope.temporaries();
    try {
      return new BareConvolutions(call).bytes();
    } finally {
      temporaries.close();
    }
  }

  private static StepTime turn(Step.Native call, int runs, BytePointer block) {
    PointerScope temporaries = NativeScope.temporaries();
    try {
      return new BareConvolutions(call).measure(runs, block);
    } finally {
      temporaries.close();
    }
  }

  /** Returns the number of bytes for all tensors. */
  private long bytes() {
    return layouts.stream().mapToLong(BareConvolutions::aligned).sum();
  }

  private static long aligned(memory.desc layout) {
    return (layout.get_size() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Runs once to bring memory into the caches, then the given number of times. */
  private StepTime measure(int runs, BytePointer block) {
    long address = (block.address() + PAGE - 1) / PAGE * PAGE;
    Pointer.memset(new Address(address), PATTERN, bytes());
    List<memory> memories = new ArrayList<>();
    for (memory.desc layout : layouts) {
      memories.add(new memory(layout, cpu, new Address(address)));
      address += aligned(layout);
    }
    try (NativeScope scope = new NativeScope()) {
      Execution execution = new Execution(scope, code.primitive(), roles, memories);
      execution.run();
      long fastest = Long.MAX_VALUE;
      for (int i = 0; i < runs; i++) {
        long start = System.nanoTime();
        execution.run();
        fastest = Math.min(fastest, System.nanoTime() - start);
      }
      return Profiler.time(call, code.description().impl_info_str().getString(), fastest);
    }
  }

  private Code prepare(StepKind direction, ConvolutionProblem problem) {
    primitive_attr plain = new primitive_attr();
    convolution_forward.primitive_desc forward =
        problem.winogradForward(plain, cpu).orElseGet(() -> problem.directForward(plain, cpu));
    boolean bias = problem.node().bias().isPresent();
    switch (direction) {
      case CONVOLUTION_FORWARD -> {
        bind(DNNL_ARG_SRC, forward.src_desc());
        bind(DNNL_ARG_WEIGHTS, forward.weights_desc());
        if (bias) {
          bind(DNNL_ARG_BIAS, forward.bias_desc());
        }
        bind(DNNL_ARG_DST, forward.dst_desc());
        return new Code(forward, new convolution_forward(forward));
      }
      case CONVOLUTION_INPUT_GRADIENT -> {
        convolution_backward_data.primitive_desc backward =
            problem.inputGradient(plain, cpu, forward);
        bind(DNNL_ARG_DIFF_DST, backward.diff_dst_desc());
        bind(DNNL_ARG_WEIGHTS, backward.weights_desc());
        bind(DNNL_ARG_DIFF_SRC, backward.diff_src_desc());
        return new Code(backward, new convolution_backward_data(backward));
      }
      case CONVOLUTION_WEIGHT_GRADIENT -> {
        convolution_backward_weights.primitive_desc backward =
            problem.weightGradient(plain, cpu, forward);
        bind(DNNL_ARG_SRC, backward.src_desc());
        bind(DNNL_ARG_DIFF_DST, backward.diff_dst_desc());
        bind(DNNL_ARG_DIFF_WEIGHTS, backward.diff_weights_desc());
        if (bias) {
          bind(DNNL_ARG_DIFF_BIAS, backward.diff_bias_desc());
        }
        return new Code(backward, new convolution_backward_weights(backward));
      }
      default -> throw new AssertionError(direction);
    }
  }

  private void bind(int role, memory.desc layout) {
    roles.add(role);
    layouts.add(layout);
  }
}
