package org.udge.engine.onednn;

import com.sun.jna.NativeLibrary;
import java.util.Optional;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Loader;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.internal.OpenMpIdling;

/**
 * The native library: its availability, the capabilities of the CPU, and the number of threads.
 *
 * <p>Loaded once per process, after ND4J's backend, so that both share one OpenMP runtime.
 */
final class OneDnnLibrary {

  private static final String MAXIMUM_THREADS = "omp_get_max_threads";

  private static final OneDnnLibrary INSTANCE = new OneDnnLibrary();

  private final Optional<String> problem;
  private final Optional<Handles> handles;

  private record Handles(engine cpu, stream queue, NativeLibrary openMp) {}

  private OneDnnLibrary() {
    Optional<String> failure = Optional.empty();
    Optional<Handles> loaded = Optional.empty();
    try {
      loaded = Optional.of(load());
    } catch (LinkageError | RuntimeException e) {
      // LinkageError: no native code for this platform, or a missing system library.
      failure = Optional.of("oneDNN cannot be loaded: " + e);
    }
    problem = failure;
    handles = loaded;
  }

  private static Handles load() {
    OpenMpIdling.shorten();
    Nd4j.getBackend();
    NativeLibrary openMp = NativeLibrary.getInstance(Loader.load(dnnl.class));
    openMp.getFunction(MAXIMUM_THREADS);
    // A PointerScope around the first use must not free them when it closes.
    engine cpu = new engine(dnnl.dnnl_cpu, 0).retainReference();
    return new Handles(cpu, new stream(cpu).retainReference(), openMp);
  }

  private Handles handles() {
    return handles.orElseThrow();
  }

  /** Returns the reason why oneDNN is not available; empty if it is. */
  static Optional<String> problem() {
    return INSTANCE.problem;
  }

  static OneDnnLibrary get() {
    if (INSTANCE.problem.isPresent()) {
      throw new IllegalStateException(INSTANCE.problem.get());
    }
    return INSTANCE;
  }

  engine engine() {
    return handles().cpu();
  }

  stream stream() {
    return handles().queue();
  }

  /** Returns the newest CPU instruction set that oneDNN uses. */
  String instructions() {
    int isa = dnnl.dnnl_get_effective_cpu_isa();
    return switch (isa) {
      case dnnl.dnnl_cpu_isa_sse41 -> "SSE4.1";
      case dnnl.dnnl_cpu_isa_avx -> "AVX";
      case dnnl.dnnl_cpu_isa_avx2 -> "AVX2";
      case dnnl.dnnl_cpu_isa_avx2_vnni -> "AVX2 with VNNI";
      case dnnl.dnnl_cpu_isa_avx512_core -> "AVX-512";
      case dnnl.dnnl_cpu_isa_avx512_core_vnni -> "AVX-512 with VNNI";
      case dnnl.dnnl_cpu_isa_avx512_core_bf16 -> "AVX-512 with BF16";
      case dnnl.dnnl_cpu_isa_avx512_core_amx -> "AVX-512 with AMX";
      default -> "oneDNN's set " + isa;
    };
  }

  /** Returns whether the CPU has bfloat16 multiplication; otherwise oneDNN emulates it slowly. */
  boolean hasBfloat16() {
    int isa = dnnl.dnnl_get_effective_cpu_isa();
    return (isa & dnnl.dnnl_cpu_isa_avx512_core_bf16) == dnnl.dnnl_cpu_isa_avx512_core_bf16;
  }

  /** Returns the number of threads that OpenMP would give to the calling thread. */
  int maximumThreads() {
    return handles().openMp().getFunction(MAXIMUM_THREADS).invokeInt(new Object[0]);
  }

  /** Sets the number of threads that OpenMP gives to the calling thread from now on. */
  void setMaximumThreads(int count) {
    handles().openMp().getFunction("omp_set_num_threads").invokeVoid(new Object[] {count});
  }
}
