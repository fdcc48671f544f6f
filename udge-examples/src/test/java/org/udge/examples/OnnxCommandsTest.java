package org.udge.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.Calibration;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.datasets.ShapesDataset;
import org.udge.network.ConvNet;
import org.udge.onnx.OnnxClassifier;
import org.udge.onnx.OnnxExporter;

/** Models go out as ONNX files, and commands take them in again. */
class OnnxCommandsTest {

  @TempDir private Path folder;
  private Path zip;
  private Path onnx;

  @BeforeEach
  void export_a_model() throws IOException {
    zip = folder.resolve("model.zip");
    onnx = folder.resolve("exported.onnx");
    try (EnergyModel fresh =
        EnergyModel.builder(ConvNet.of(4).withHidden(8))
            .classNames(ShapesDataset.standard().test(1).classNames())
            .build()) {
      fresh.withCalibration(Calibration.temperature(2, 10)).save(zip);
    }
    CommandRun run =
        CommandRun.of("export", "--load_path", zip, "--format", "onnx", "--output", onnx);
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    assertThat(run.out()).matches("\\S+exported.onnx: operator set 17, [\\d,]+ parameters\\R");
  }

  private List<String[]> scored(Path model, String... more) throws IOException {
    Path output = folder.resolve("out.csv");
    List<Object> arguments =
        new ArrayList<>(
            List.of("score", "--load_path", model, "--input", "shapes", "--output", output));
    arguments.addAll(List.of(more));
    CommandRun run = CommandRun.of(arguments.toArray());
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    return Files.readAllLines(output).stream().map(line -> line.split(",")).toList();
  }

  private void assertSame(List<String[]> found, List<String[]> expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 1; i < found.size(); i++) {
      assertThat(found.get(i)[2]).isEqualTo(expected.get(i)[2]);
      for (int column : new int[] {3, 4, 5}) {
        double value = Double.parseDouble(expected.get(i)[column]);
        assertThat(Double.parseDouble(found.get(i)[column]))
            .isCloseTo(value, within(1e-4 * Math.max(1, Math.abs(value))));
      }
    }
  }

  @Test
  void score_says_what_it_says_of_the_model_itself() throws IOException {
    assertSame(scored(onnx), scored(zip));
  }

  @Test
  void score_takes_scores_of_features() throws IOException {
    String[] flags = {"--score_fn", "knn", "--fit_dataset", "shapes", "--n_fit", "60"};
    assertSame(scored(onnx, flags), scored(zip, flags));
  }

  @Test
  void score_takes_scores_of_the_last_layer() throws IOException {
    String[] flags = {"--score_fn", "fdbd", "--fit_dataset", "shapes", "--n_fit", "60"};
    assertSame(scored(onnx, flags), scored(zip, flags));
  }

  /**
   * As other programs write it: names of their own, another range, and nothing said about either.
   */
  private Path foreign() throws IOException {
    Path unit = folder.resolve("unit.onnx");
    try (EnergyModel signed = EnergyModel.load(zip);
        EnergyModel model =
            EnergyModel.builder(signed.graph())
                .shape(ImageShape.CIFAR)
                .pixelRange(PixelRange.UNIT)
                .classNames(signed.classNames())
                .build()) {
      OnnxExporter.of(model).write(unit);
    }
    ModelProto written = ModelProto.parseFrom(Files.readAllBytes(unit));
    Map<String, String> names = Map.of("logits", "scores", "features", "embedding");
    GraphProto.Builder graph = written.getGraph().toBuilder();
    for (NodeProto.Builder node : graph.getNodeBuilderList()) {
      List<String> inputs = node.getInputList().stream().map(n -> named(names, n)).toList();
      List<String> outputs = node.getOutputList().stream().map(n -> named(names, n)).toList();
      node.clearInput().addAllInput(inputs).clearOutput().addAllOutput(outputs);
    }
    graph.getOutputBuilderList().forEach(output -> output.setName(named(names, output.getName())));
    Path foreign = folder.resolve("foreign.onnx");
    Files.write(
        foreign, written.toBuilder().setGraph(graph).clearMetadataProps().build().toByteArray());
    return foreign;
  }

  private static String named(Map<String, String> names, String name) {
    return names.getOrDefault(name, name);
  }

  @Test
  void flags_say_what_a_foreign_file_does_not() throws IOException {
    Path foreign = foreign();
    assertRefused(
        "it has the outputs [scores, embedding]: say which holds the logits"
            + " (OnnxClassifier.loader().logits(...), --onnx_logits of the commands)",
        "score",
        "--load_path",
        foreign,
        "--input",
        "shapes",
        "--output",
        folder.resolve("out.csv"));
    assertRefused(
        "its graph has no tensor 'nowhere'; ",
        "score",
        "--load_path",
        foreign,
        "--onnx_logits",
        "nowhere",
        "--input",
        "shapes",
        "--output",
        folder.resolve("out.csv"));
    String classes = String.join(",", ShapesDataset.standard().test(1).classNames());
    String[] flags = {
      "--onnx_logits",
      "scores",
      "--onnx_features",
      "embedding",
      "--onnx_range",
      "0,1",
      "--onnx_shape",
      "3,32,32",
      "--onnx_classes",
      classes,
      "--score_fn",
      "vim",
      "--fit_dataset",
      "shapes",
      "--n_fit",
      "60"
    };
    String[] known = {"--score_fn", "vim", "--fit_dataset", "shapes", "--n_fit", "60"};
    List<String[]> found = scored(foreign, flags);
    assertThat(found.get(1)[2]).isIn((Object[]) classes.split(","));
    assertSame(found, scored(folder.resolve("unit.onnx"), known));
  }

  @Test
  void eval_takes_a_foreign_file_with_its_classes() throws IOException {
    onnx = foreign();
    JsonNode result =
        evaluated(
            "--eval",
            "test_clf",
            "--dataset",
            "shapes",
            "--onnx_logits",
            "scores",
            "--onnx_range",
            "0,1",
            "--onnx_classes",
            String.join(",", ShapesDataset.standard().test(1).classNames()));
    assertThat(result.path("metrics").has("test/accuracy")).isTrue();
  }

  @Test
  void flags_of_onnx_files_are_refused_for_others() {
    assertRefused(
        "--onnx_shape is for ONNX files (.onnx): leave it out for " + zip,
        "score",
        "--load_path",
        zip,
        "--onnx_shape",
        "3,32,32",
        "--input",
        "shapes",
        "--output",
        folder.resolve("out.csv"));
  }

  @Test
  void images_are_brought_into_the_range_that_the_file_says() throws IOException {
    Path unit = folder.resolve("unit.onnx");
    double[] expected;
    try (EnergyModel signed = EnergyModel.load(zip);
        EnergyModel model =
            EnergyModel.builder(signed.graph())
                .shape(ImageShape.CIFAR)
                .pixelRange(PixelRange.UNIT)
                .build()) {
      OnnxExporter.of(model).write(unit);
      try (Batch batch = ShapesDataset.standard().test(3).read(0, 1, 2)) {
        expected = model.logDensity(batch.images().add(1).div(2));
      }
    }
    List<String[]> scored = scored(unit);
    for (int i = 0; i < expected.length; i++) {
      assertThat(Double.parseDouble(scored.get(i + 1)[4])).isCloseTo(expected[i], within(1e-4));
    }
  }

  private JsonNode evaluated(Object... arguments) throws IOException {
    List<Object> all = new ArrayList<>(List.of("eval", "--load_path", onnx));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--log_dir", folder.resolve("runs"), "--n_images", 40));
    CommandRun run = CommandRun.of(all.toArray());
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    try (Stream<Path> files = Files.walk(folder.resolve("runs"))) {
      Path result = files.filter(file -> file.endsWith("result.json")).findFirst().orElseThrow();
      return new ObjectMapper().readTree(result.toFile());
    }
  }

  @Test
  void eval_judges_and_calibrates() throws IOException {
    JsonNode result =
        evaluated("--eval", "eval_ece", "--dataset", "shapes", "--fit_calibration", "shapes_train");
    assertThat(result.path("metrics").has("test/accuracy")).isTrue();
    assertThat(result.path("provenance").toString()).contains("onnxruntime");
    try (Stream<Path> files = Files.walk(folder.resolve("runs"))) {
      Path calibrated = files.filter(file -> file.endsWith("model.onnx")).findFirst().orElseThrow();
      try (OnnxClassifier read = OnnxClassifier.load(calibrated)) {
        assertThat(read.calibration().orElseThrow()).isNotEqualTo(Calibration.temperature(2, 10));
      }
    }
  }

  @Test
  void eval_detects_foreign_images() throws IOException {
    JsonNode result =
        evaluated(
            "--eval",
            "OOD",
            "--dataset",
            "shapes",
            "--ood_dataset",
            "shapes-unseen",
            "--score_fn",
            "px,py");
    assertThat(result.path("metrics").toString()).contains("ood/shapes-unseen/px/auroc");
  }

  private void assertRefused(String message, Object... arguments) {
    CommandRun run = CommandRun.of(arguments);
    assertThat(run.status()).isNotZero();
    assertThat(run.err()).contains(message);
    assertThat(folder.resolve("refused")).doesNotExist();
  }

  @Test
  void what_needs_gradients_is_refused_by_name() {
    Path runs = folder.resolve("refused");
    assertRefused(
        "attack needs gradients or the network itself: --load_path"
            + " OnnxClassifier[exported.onnx, 10 classes] provides only logits and features",
        "attack",
        "--load_path",
        onnx,
        "--dataset",
        "shapes",
        "--log_dir",
        runs);
    assertRefused(
        "--eval uncond_samples needs gradients",
        "eval",
        "--eval",
        "uncond_samples",
        "--load_path",
        onnx,
        "--log_dir",
        runs);
    assertRefused(
        "--n_steps needs gradients",
        "eval",
        "--eval",
        "test_clf",
        "--n_steps",
        2,
        "--load_path",
        onnx,
        "--dataset",
        "shapes",
        "--log_dir",
        runs);
    assertRefused(
        "--score_fn odin needs gradients",
        "score",
        "--load_path",
        onnx,
        "--input",
        "shapes",
        "--score_fn",
        "odin",
        "--output",
        folder.resolve("out.csv"));
    assertRefused(
        "export needs gradients or the network itself",
        "export",
        "--load_path",
        onnx,
        "--output",
        folder.resolve("again.npz"));
    assertRefused(
        "--engine graph is for models of udge: ONNX Runtime runs",
        "score",
        "--load_path",
        onnx,
        "--input",
        "shapes",
        "--engine",
        "graph",
        "--output",
        folder.resolve("out.csv"));
  }

  @Test
  void a_damaged_file_is_named() throws IOException {
    Files.writeString(onnx, "not a model");
    assertRefused(
        "--load_path: file " + onnx + " is not an ONNX model",
        "score",
        "--load_path",
        onnx,
        "--input",
        "shapes",
        "--output",
        folder.resolve("out.csv"));
  }
}
