package org.udge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.environment.Nd4jEnvironment;
import org.udge.network.WideResNet;

class BackendTest {

  /** Runs in a Java of its own, without a backend. */
  static final class WithoutBackend {
    public static void main(String[] args) {
      try {
        EnergyModel.builder(WideResNet.of(10, 1)).classes(10).build();
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void a_missing_backend_is_one_sentence_that_names_the_dependency()
      throws IOException, InterruptedException {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !Path.of(entry).getFileName().toString().startsWith("nd4j-native-1"))
            .collect(Collectors.joining(File.pathSeparator));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                WithoutBackend.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(output.lines().filter(line -> line.contains("ND4J backend")))
        .singleElement()
        .asString()
        .startsWith("There is no ND4J backend on the class path")
        .contains("org.nd4j:nd4j-native:1.0.0-M2.1");
  }

  private static Map<String, Object> device(String name, int major, int minor) {
    return Map.of(
        Nd4jEnvironment.CUDA_DEVICE_NAME_KEY,
        name,
        Nd4jEnvironment.CUDA_DEVICE_MAJOR_VERSION_KEY,
        major,
        Nd4jEnvironment.CUDA_DEVICE_MINOR_VERSION_KEY,
        minor);
  }

  @Test
  void a_gpu_newer_than_the_binaries_is_refused_by_name() {
    assertThat(Backend.tooNew(List.of(device("NVIDIA A100", 8, 0), device("NVIDIA L4", 8, 9))))
        .isEmpty();
    assertThat(Backend.tooNew(List.of(device("NVIDIA A100", 8, 0), device("NVIDIA H100", 9, 0))))
        .contains(
            "NVIDIA H100 has compute capability 9.0, and ND4J 1.0.0-M2.1's CUDA binaries hold code for"
                + " 3.7 to 8.6 (which 8.9 runs too): hide this GPU (CUDA_VISIBLE_DEVICES) and use an"
                + " older one, or use udge-cpu instead of nd4j-cuda-11.6.");
  }

  @Test
  void a_cuda_backend_without_a_driver_is_one_sentence_that_says_what_to_do() {
    assertThat(Backend.withoutDevice("No CUDA devices were found in system"))
        .startsWith(
            "ND4J's CUDA backend is on the class path but cannot run (No CUDA devices were found in"
                + " system): it needs an NVIDIA GPU whose driver (510 or newer")
        .endsWith("for the CPU, use udge-cpu instead.");
  }
}
