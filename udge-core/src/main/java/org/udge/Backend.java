package org.udge;

import com.google.common.base.Throwables;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.environment.Nd4jEnvironment;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.udge.internal.OpenMpIdling;

/** Checks that there is an ND4J backend to compute with. */
final class Backend {

  private static final Logger LOG = LoggerFactory.getLogger(Backend.class);

  private static final String CUDA_BACKEND = "org.nd4j.linalg.jcublas.JCublasBackend";

  /**
   * The newest compute capability that ND4J 1.0.0-M2.1's CUDA code was compiled for: Ampere and
   * Ada.
   */
  private static final int NEWEST_COMPUTE_CAPABILITY = 8;

  /** The reason why nothing can be computed. */
  private record Problem(String message, Optional<Throwable> cause) {}

  /** Starts ND4J once and remembers what went wrong. */
  private static final class Started {
    static final Optional<Problem> PROBLEM = start();
  }

  private Backend() {}

  /**
   * Starts ND4J.
   *
   * @throws IllegalStateException if no backend is on the class path or none can run here; the
   *     message says what to do
   */
  static void require() {
    if (Started.PROBLEM.isPresent()) {
      Problem problem = Started.PROBLEM.get();
      throw new IllegalStateException(problem.message, problem.cause.orElse(null));
    }
  }

  private static Optional<Problem> start() {
    OpenMpIdling.shorten();
    boolean cudaAsked = isPresent(CUDA_BACKEND);
    try {
      boolean cudaRuns = Nd4j.getBackend().getClass().getName().equals(CUDA_BACKEND);
      if (cudaAsked && !cudaRuns) {
        LOG.warn("computing on the CPU: {}", withoutDevice("see ND4J's warning above"));
      }
      return cudaRuns
          ? tooNew(devices()).map(message -> new Problem(message, Optional.empty()))
          : Optional.empty();
    } catch (ExceptionInInitializerError | NoClassDefFoundError e) {
      String message =
          cudaAsked ? withoutDevice(Throwables.getRootCause(e).toString()) : withoutBackend();
      return Optional.of(new Problem(message, Optional.of(e)));
    }
  }

  private static boolean isPresent(String name) {
    return Backend.class.getClassLoader().getResource(name.replace('.', '/') + ".class") != null;
  }

  static String withoutBackend() {
    return "There is no ND4J backend on the class path: add the dependency"
        + " org.nd4j:nd4j-native:1.0.0-M2.1 with the classifier of your platform, for example"
        + " linux-x86_64 (or org.nd4j:nd4j-cuda-11.6:1.0.0-M2.1 for NVIDIA GPUs).";
  }

  static String withoutDevice(String cause) {
    return "ND4J's CUDA backend is on the class path but cannot run ("
        + cause
        + "): it needs an NVIDIA GPU whose driver (510 or newer, shown by nvidia-smi) runs CUDA 11.6,"
        + " the CUDA 11.6 libraries, and org.bytedeco:cuda:11.6-8.3-1.5.7 with the classifier of the"
        + " platform; for the CPU, use udge-cpu instead.";
  }

  /**
   * Returns a message about devices that the CUDA backend has no code for; empty if there are none.
   */
  static Optional<String> tooNew(List<Map<String, Object>> devices) {
    return devices.stream()
        .filter(device -> major(device) > NEWEST_COMPUTE_CAPABILITY)
        .findFirst()
        .map(
            device ->
                String.format(
                    Locale.ROOT,
                    "%s has compute capability %d.%s, and ND4J 1.0.0-M2.1's CUDA binaries hold code"
                        + " for 3.7 to 8.6 (which 8.9 runs too): hide this GPU"
                        + " (CUDA_VISIBLE_DEVICES) and use an older one, or use udge-cpu instead of"
                        + " nd4j-cuda-11.6.",
                    device.get(Nd4jEnvironment.CUDA_DEVICE_NAME_KEY),
                    major(device),
                    device.get(Nd4jEnvironment.CUDA_DEVICE_MINOR_VERSION_KEY)));
  }

  private static int major(Map<String, Object> device) {
    Object major = device.get(Nd4jEnvironment.CUDA_DEVICE_MAJOR_VERSION_KEY);
    return major instanceof Number number ? number.intValue() : 0;
  }

  @SuppressWarnings("unchecked") // ND4J documents the type of this entry.
  private static List<Map<String, Object>> devices() {
    Object devices =
        Nd4j.getExecutioner()
            .getEnvironmentInformation()
            .get(Nd4jEnvironment.CUDA_DEVICE_INFORMATION_KEY);
    return devices == null ? List.of() : (List<Map<String, Object>>) devices;
  }
}
