package org.udge.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.EnergyModel;
import org.udge.network.ConvNet;

/** Files are written without ONNX Runtime; reading one says what is missing. */
class WithoutRuntimeTest {

  @TempDir private Path folder;

  /** Runs in a Java of its own. */
  static final class Program {
    public static void main(String[] args) throws IOException {
      Path file = Path.of(args[0]);
      try (EnergyModel model = Images.model(ConvNet.of(2), Images.SMALL)) {
        OnnxExporter.of(model).write(file);
      }
      try {
        System.out.println(OnnxClassifier.load(file));
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void a_missing_onnx_runtime_is_one_sentence_that_names_the_dependency()
      throws IOException, InterruptedException {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !Path.of(entry).getFileName().toString().startsWith("onnxruntime"))
            .collect(Collectors.joining(File.pathSeparator));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                Program.class.getName(),
                folder.resolve("model.onnx").toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output)
        .contains(
            "reading ONNX files needs ONNX Runtime on the class path: add the dependency"
                + " com.microsoft.onnxruntime:onnxruntime:");
    assertThat(folder.resolve("model.onnx")).isNotEmptyFile();
  }
}
