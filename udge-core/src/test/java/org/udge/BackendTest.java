package org.udge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
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
}
