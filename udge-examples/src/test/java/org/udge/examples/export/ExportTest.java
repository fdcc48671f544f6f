package org.udge.examples.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.examples.CommandRun;
import org.udge.interop.NpyFile;
import org.udge.interop.PyTorchWideResNet;
import org.udge.interop.SafeTensors;

class ExportTest {

  private static final Path GOLDEN = Path.of("../udge-core/src/test/resources/golden");
  private static final Path SCRIPT = Path.of("src/main/python/load_in_pytorch.py");
  private static final List<String> NORMS = List.of("none", "batch", "instance", "layer", "act");

  @TempDir private Path folder;

  /** Exports a published checkpoint. */
  private Path export(String norm, String format) {
    Path file = folder.resolve(norm + "." + format);
    CommandRun run =
        CommandRun.of(
            "export",
            "--load_path",
            GOLDEN.resolve("wrn_" + norm + ".pt"),
            "--norm",
            norm,
            "--format",
            format,
            "--output",
            file);
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    assertThat(run.out()).matches("\\S+: \\d+ tensors, [\\d,]+ numbers\\R");
    return file;
  }

  @Test
  void says_what_it_is_and_where_it_comes_from() throws IOException {
    Map<String, String> metadata = SafeTensors.read(export("batch", "safetensors")).metadata();
    assertThat(metadata)
        .containsEntry("architecture", "WideResNet")
        .containsEntry("depth", "10")
        .containsEntry("width", "1")
        .containsEntry("norm", "batch")
        .containsEntry("image_shape", "[3,32,32]")
        .containsEntry("exported_from", "wrn_batch.pt")
        .containsKeys("made_by", "git", "class_names", "pixel_range");
  }

  @Test
  void what_was_exported_gives_the_same_logits_when_it_comes_back() throws IOException {
    INDArray images = NpyFile.read(GOLDEN.resolve("x.npy")).toINDArray();
    INDArray expected = NpyFile.read(GOLDEN.resolve("none_logits.npy")).toINDArray();
    Path file = export("none", "safetensors");
    try (EnergyModel model = EnergyModel.of(PyTorchWideResNet.importer().read(file).graph())) {
      INDArray logits = model.logits(images).toArray();
      assertThat(logits.distance2(expected) / expected.norm2Number().doubleValue())
          .isLessThan(1e-5);
    }
  }

  @Test
  void writes_arrays_of_numpy() throws IOException {
    try (ZipFile zip = new ZipFile(export("act", "npz").toFile())) {
      assertThat(zip.getEntry("f.conv1.weight.npy")).isNotNull();
      assertThat(zip.getEntry("f.bn1.loc.npy")).isNotNull();
      assertThat(
              new ObjectMapper()
                  .readTree(zip.getInputStream(zip.getEntry("metadata.json")))
                  .get("norm")
                  .asText())
          .isEqualTo("act");
    }
  }

  @Test
  void names_what_is_wrong() {
    CommandRun absent = CommandRun.of("export", "--load_path", folder.resolve("absent"));
    assertThat(absent.status()).isEqualTo(1);
    assertThat(absent.err())
        .contains(
            "absent does not exist: expected a run folder, a model.zip, a PyTorch checkpoint or"
                + " an ONNX file");
    CommandRun format = CommandRun.of("export", "--load_path", "a", "--format", "tflite");
    assertThat(format.status()).isEqualTo(2);
    assertThat(format.err()).contains("--format").contains("tflite");
  }

  /** Where python3 has PyTorch. */
  @TestFactory
  Stream<DynamicTest> plain_pytorch_computes_the_published_logits() throws Exception {
    Optional<Path> python = pythonWithTorch();
    if (python.isEmpty()) {
      System.out.println(
          "Skipped, because there is no python3 with PyTorch: logits of exported models with norms "
              + NORMS);
      return Stream.empty();
    }
    return NORMS.stream()
        .map(norm -> dynamicTest(norm, () -> comparesWithPyTorch(python.get(), norm)));
  }

  private void comparesWithPyTorch(Path python, String norm) throws Exception {
    Path logits = folder.resolve("logits.npy");
    run(
        python.toString(),
        SCRIPT.toString(),
        export(norm, "safetensors").toString(),
        GOLDEN.resolve("x.npy").toString(),
        logits.toString());
    INDArray expected = NpyFile.read(GOLDEN.resolve(norm + "_logits.npy")).toINDArray();
    INDArray given = NpyFile.read(logits).toINDArray();
    assertThat(given.distance2(expected) / expected.norm2Number().doubleValue()).isLessThan(1e-5);
  }

  private static Optional<Path> pythonWithTorch() throws Exception {
    List<Path> candidates =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .filter(place -> !place.isBlank())
            .map(place -> Path.of(place, "python3"))
            .filter(Files::isExecutable)
            .toList();
    for (Path candidate : candidates) {
      Process process =
          new ProcessBuilder(candidate.toString(), "-c", "import torch, numpy")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0) {
        return Optional.of(candidate);
      }
      process.destroyForcibly();
    }
    return Optional.empty();
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }
}
