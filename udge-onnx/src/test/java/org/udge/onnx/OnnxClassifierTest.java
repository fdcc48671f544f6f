package org.udge.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.Calibration;
import org.udge.EnergyModel;
import org.udge.Threshold;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.engine.Logits;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.Evaluation;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.LabeledLogits;
import org.udge.evaluation.calibration.CalibrationEvaluator;
import org.udge.evaluation.calibration.TemperatureScaling;
import org.udge.evaluation.detection.OutOfDistributionEvaluator;
import org.udge.evaluation.detection.OutOfDistributionScore;
import org.udge.evaluation.detection.OutOfDistributionScores;
import org.udge.evaluation.features.DecisionBoundaryDistance;
import org.udge.evaluation.features.LinearHead;
import org.udge.evaluation.features.Mahalanobis;
import org.udge.evaluation.features.NearestNeighbors;
import org.udge.evaluation.features.NetworkFeatures;
import org.udge.evaluation.features.TrainingFeatures;
import org.udge.network.ConvNet;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.serving.EnergyScorer;
import org.udge.serving.ScoredImage;

class OnnxClassifierTest {

  private static final ImageShape TINY = new ImageShape(1, 2, 2);

  @TempDir private Path folder;

  private Path write(ModelProto.Builder model) throws IOException {
    Path file = folder.resolve("model.onnx");
    Files.write(file, model.build().toByteArray());
    return file;
  }

  private Path write(GraphProto.Builder graph) throws IOException {
    return write(Protos.model(graph));
  }

  private static void assertClose(Logits found, Logits expected, double tolerance) {
    assertThat(found.rows()).isEqualTo(expected.rows());
    for (int i = 0; i < found.rows(); i++) {
      assertThat(found.row(i)).containsExactly(expected.row(i), within(tolerance));
    }
  }

  @Test
  void what_was_exported_gives_the_same_logits_and_scores() throws IOException {
    Images.Source training = Images.Source.of("training", Images.SMALL, 40, 1);
    Images.Source test = Images.Source.of("test", Images.SMALL, 11, 2);
    Threshold line = new Threshold("px", -3.5, OptionalDouble.of(0.05), 100);
    try (EnergyModel owner =
        Images.model(WideResNet.of(10, 1).withNorm(Norm.BATCH), Images.SMALL)) {
      EnergyModel model =
          owner
              .withCalibration(Calibration.vector(new double[] {1, 2, 3}, new double[] {0, 1, 0.5}))
              .withThreshold(line)
              .withThreshold(Threshold.of("py", Double.NEGATIVE_INFINITY));
      Path file = folder.resolve("model.onnx");
      OnnxExporter.of(model).write(file);
      try (OnnxClassifier read = OnnxClassifier.load(file);
          NetworkFeatures features = NetworkFeatures.of(model)) {
        assertThat(read.classNames()).isEqualTo(model.classNames());
        assertThat(read.shape()).isEqualTo(model.shape());
        assertThat(read.pixelRange()).isEqualTo(model.pixelRange());
        assertThat(read.calibration()).isEqualTo(model.calibration());
        assertThat(read.threshold("px")).contains(line);
        assertThat(read.threshold("py")).isEqualTo(model.threshold("py"));
        assertClose(read.logits(test.array()), model.logits(test.array()), 1e-5);

        List<ScoredImage> found = EnergyScorer.of(read).score(test.array());
        List<ScoredImage> expected = EnergyScorer.of(model).score(test.array());
        for (int i = 0; i < found.size(); i++) {
          assertThat(found.get(i).className()).isEqualTo(expected.get(i).className());
          assertThat(found.get(i).probability())
              .isCloseTo(expected.get(i).probability(), within(1e-5));
          assertThat(found.get(i).score()).isCloseTo(expected.get(i).score(), within(1e-5));
          assertThat(found.get(i).threshold()).contains(line);
        }
        EvaluationBatch ofRead = EvaluationBatch.of(read, test.array(), test.labels());
        EvaluationBatch ofModel = EvaluationBatch.of(model, test.array(), test.labels());
        double[] distances = Mahalanobis.fit(read.features(), training).score(ofRead);
        double[] distancesOfModel = Mahalanobis.fit(features, training).score(ofModel);
        for (int i = 0; i < distances.length; i++) {
          assertThat(distances[i]).isCloseTo(distancesOfModel[i], withinPercentage(0.01));
        }
        assertThat(NearestNeighbors.fit(read.features(), training, 5).score(ofRead))
            .containsExactly(
                NearestNeighbors.fit(features, training, 5).score(ofModel), within(1e-4));
      }
    }
  }

  @Test
  void is_evaluated_and_calibrated_like_a_model() throws IOException {
    Images.Source test = Images.Source.of("test", Images.SMALL, 30, 2);
    Images.Source other = Images.Source.of("other", Images.SMALL, 20, 3);
    Evaluation shared;
    try (EnergyModel model = Images.model(ConvNet.of(4), Images.SMALL)) {
      OutOfDistributionEvaluator detection =
          OutOfDistributionEvaluator.of(
                  OutOfDistributionScores.logDensity(), OutOfDistributionScores.maxLogit())
              .against("other", other);
      Path file = folder.resolve("model.onnx");
      OnnxExporter.of(model).write(file);
      try (OnnxClassifier read = OnnxClassifier.load(file)) {
        shared = Evaluation.of(read);
        var found =
            shared
                .with(ClassificationEvaluator.ofDefaults())
                .with(CalibrationEvaluator.ofDefaults())
                .with(detection)
                .run(test)
                .values();
        var expected =
            Evaluation.of(model)
                .with(ClassificationEvaluator.ofDefaults())
                .with(CalibrationEvaluator.ofDefaults())
                .with(detection)
                .run(test)
                .values();
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        found.forEach(
            (key, value) -> assertThat(value).as(key).isCloseTo(expected.get(key), within(1e-3)));
        assertThat(new TemperatureScaling().temperature(LabeledLogits.of(read, test)))
            .isCloseTo(
                new TemperatureScaling().temperature(LabeledLogits.of(model, test)), within(1e-3));
      }
    }
  }

  @Test
  void what_was_fitted_is_written_into_a_copy_of_the_file() throws IOException {
    Path file = write(Protos.classifier().addOutput(Protos.output("scores")));
    Path copy = folder.resolve("judged.onnx");
    INDArray images = Images.of(TINY, 5, 1);
    try (OnnxClassifier read =
        OnnxClassifier.loader()
            .classNames(Images.CLASSES)
            .pixelRange(PixelRange.SIGNED)
            .load(file)) {
      assertThat(read.calibration()).isEmpty();
      read.withCalibration(Calibration.temperature(2, 3))
          .withThreshold(Threshold.of("px", 1))
          .withThreshold(Threshold.of("px", 2))
          .save(copy);
      try (OnnxClassifier again = OnnxClassifier.load(copy)) {
        assertThat(again.classNames()).isEqualTo(Images.CLASSES);
        assertThat(again.pixelRange()).contains(PixelRange.SIGNED);
        assertThat(again.calibration()).contains(Calibration.temperature(2, 3));
        assertThat(again.threshold("px")).contains(Threshold.of("px", 2));
        assertThat(again.features().features(images)).isEqualTo(read.features().features(images));
        assertClose(again.logits(images), read.logits(images), 0);
        Files.write(file, new byte[] {1}, java.nio.file.StandardOpenOption.APPEND);
      }
      assertThatThrownBy(() -> read.save(copy)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void finds_logits_and_features_where_they_can_be_told() throws IOException {
    INDArray images = Images.of(TINY, 4, 1);
    Logits logits;
    double[][] features;
    try (OnnxClassifier plain =
        OnnxClassifier.load(write(Protos.classifier().addOutput(Protos.output("scores"))))) {
      logits = plain.logits(images);
      features = plain.features().features(images);
      assertThat(plain.features().size()).isEqualTo(5);
      assertThat(plain.classNames()).containsExactly("0", "1", "2");
      assertThat(plain.shape()).isEqualTo(TINY);
      assertThat(plain.pixelRange()).isEmpty();
    }
    for (String softmax : List.of("Softmax", "LogSoftmax")) {
      GraphProto.Builder graph =
          Protos.classifier()
              .addNode(Protos.node(softmax, "p", "scores"))
              .addNode(Protos.node("Identity", "result", "p"))
              .addOutput(Protos.output("result"));
      try (OnnxClassifier read = OnnxClassifier.load(write(graph))) {
        assertClose(read.logits(images), logits, 0);
        assertThat(read.features().features(images)).isEqualTo(features);
      }
    }
    GraphProto.Builder several =
        Protos.classifier()
            .addNode(Protos.node("Softmax", "p", "scores"))
            .addOutput(Protos.output("p"))
            .addOutput(Protos.output("active"));
    Path file = write(several);
    assertThatThrownBy(() -> OnnxClassifier.load(file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "ONNX file "
                + file
                + " cannot be used: it has the outputs [p, active]: say which holds the logits"
                + " (OnnxClassifier.loader().logits(...), --onnx_logits of the commands); its"
                + " tensors"
                + " are flat, hidden, active, product, scores, p");
    try (OnnxClassifier read = OnnxClassifier.loader().logits("p").features("hidden").load(file)) {
      assertClose(read.logits(images), logits, 0);
      assertThat(read.features().features(images)).isNotEqualTo(features);
    }
    assertThatThrownBy(() -> OnnxClassifier.loader().logits("nowhere").load(file))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith(
            "its graph has no tensor 'nowhere'; its tensors are flat, hidden, active, product,"
                + " scores,"
                + " p");
  }

  private static void assertMakesLogits(OnnxClassifier read, INDArray images) {
    LinearHead head = read.head().orElseThrow();
    double[][] features = read.features().features(images);
    Logits logits = read.logits(images);
    assertThat(head.features()).isEqualTo(read.features().size());
    for (int i = 0; i < features.length; i++) {
      assertThat(head.logits(features[i])).containsExactly(logits.row(i), within(1e-5));
    }
  }

  /**
   * Product and sum, and Gemm with all that its attributes can say, in single and double precision.
   */
  @Test
  void the_weights_that_make_the_logits_are_read_from_the_graph() throws IOException {
    INDArray images = Images.of(TINY, 4, 1);
    try (OnnxClassifier read =
        OnnxClassifier.load(write(Protos.classifier().addOutput(Protos.output("scores"))))) {
      assertMakesLogits(read, images);
    }
    GraphProto.Builder gemm =
        Protos.classifier()
            .addInitializer(Protos.raw("w3", 3, 5))
            .addInitializer(Protos.raw("b3", 1, 3))
            .addNode(
                Protos.node("Gemm", "last", "active", "w3", "b3")
                    .addAttribute(Protos.integer("transB", 1))
                    .addAttribute(Protos.number("alpha", 0.5f))
                    .addAttribute(Protos.number("beta", 2)))
            .addOutput(Protos.output("last"));
    try (OnnxClassifier read = OnnxClassifier.load(write(gemm))) {
      assertMakesLogits(read, images);
    }
    GraphProto.Builder unfolded =
        Protos.classifier()
            .addInitializer(Protos.raw("w3", 3, 5))
            .addNode(Protos.node("Transpose", "turned", "w3"))
            .addNode(Protos.node("MatMul", "last", "active", "turned"))
            .addOutput(Protos.output("last"));
    try (OnnxClassifier read = OnnxClassifier.load(write(unfolded))) {
      assertMakesLogits(read, images);
    }
  }

  @Test
  void no_weights_are_told_of_other_features_or_of_computed_weights() throws IOException {
    Path file = write(Protos.classifier().addOutput(Protos.output("scores")));
    try (OnnxClassifier read = OnnxClassifier.loader().features("hidden").load(file)) {
      assertThat(read.head()).isEmpty();
    }
    GraphProto.Builder computed =
        Protos.classifier()
            .addNode(Protos.node("Exp", "w3", "w2"))
            .addNode(Protos.node("MatMul", "last", "active", "w3"))
            .addOutput(Protos.output("last"));
    try (OnnxClassifier read = OnnxClassifier.load(write(computed))) {
      assertThat(read.features().size()).isEqualTo(5);
      assertThat(read.head()).isEmpty();
    }
    GraphProto.Builder shifted =
        Protos.classifier()
            .addNode(Protos.node("Relu", "last", "scores"))
            .addOutput(Protos.output("last"));
    try (OnnxClassifier read = OnnxClassifier.load(write(shifted))) {
      assertThat(read.head()).isEmpty();
      assertThatThrownBy(read::features)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageEndingWith(
              "its logits are not computed by a matrix product. Name it"
                  + " (OnnxClassifier.loader().features(...), --onnx_features of the commands); its"
                  + " tensors are flat, hidden, active, product, scores, last");
    }
  }

  /** The same scores as of the model that the file was made of. */
  @Test
  void scores_of_the_last_layer_are_fitted() throws IOException {
    Images.Source training = Images.Source.of("training", Images.SMALL, 40, 1);
    Images.Source test = Images.Source.of("test", Images.SMALL, 11, 2);
    try (EnergyModel model = Images.model(ConvNet.of(4), Images.SMALL);
        NetworkFeatures features = NetworkFeatures.of(model)) {
      Path file = folder.resolve("model.onnx");
      OnnxExporter.of(model).write(file);
      try (OnnxClassifier read = OnnxClassifier.load(file)) {
        LinearHead head = read.head().orElseThrow();
        assertThat(head.bias()).containsExactly(features.head().bias(), within(1e-7));
        double[] found =
            DecisionBoundaryDistance.fit(TrainingFeatures.of(read.features(), training), head)
                .score(EvaluationBatch.of(read, test.array(), test.labels()));
        double[] expected =
            DecisionBoundaryDistance.fit(TrainingFeatures.of(features, training), features.head())
                .score(EvaluationBatch.of(model, test.array(), test.labels()));
        for (int i = 0; i < found.length; i++) {
          assertThat(found[i]).isCloseTo(expected[i], withinPercentage(0.01));
        }
      }
    }
  }

  @Test
  void probabilities_that_no_operator_of_the_graph_made_are_refused() throws IOException {
    GraphProto.Builder graph =
        Protos.classifier()
            .addNode(Protos.node("Exp", "exp", "scores"))
            .addNode(
                Protos.node("ReduceSum", "sum", "exp", "axis")
                    .addAttribute(Protos.integer("keepdims", 1)))
            .addNode(Protos.node("Div", "p", "exp", "sum"))
            .addInitializer(
                TensorProto.newBuilder()
                    .setName("axis")
                    .addDims(1)
                    .setDataType(TensorProto.DataType.INT64.getNumber())
                    .addInt64Data(1))
            .addOutput(Protos.output("p"));
    Path file = write(graph);
    assertThatThrownBy(() -> OnnxClassifier.load(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            "tensor 'p' holds probabilities, from which log p(x) cannot be" + " recovered");
    try (OnnxClassifier read = OnnxClassifier.loader().logits("scores").load(file)) {
      assertThat(read.classCount()).isEqualTo(3);
    }
    Path logarithms =
        write(
            Protos.classifier()
                .addNode(Protos.node("Softmax", "p", "scores"))
                .addNode(Protos.node("Log", "log", "p"))
                .addOutput(Protos.output("log")));
    assertThatThrownBy(() -> OnnxClassifier.load(logarithms))
        .hasMessageContaining("tensor 'log' holds logarithms of probabilities");
  }

  @Test
  void outputs_that_are_no_logits_are_named() throws IOException {
    Path file =
        write(
            Protos.classifier()
                .addNode(Protos.node("Sigmoid", "p", "scores"))
                .addOutput(Protos.output("p")));
    assertThatThrownBy(() -> OnnxClassifier.load(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("its output 'p' holds independent probabilities of the classes")
        .hasMessageContaining("operator Sigmoid");
  }

  @Test
  void graphs_of_a_fixed_number_of_images_take_any_number() throws IOException {
    INDArray images = Images.of(TINY, 7, 1);
    Logits expected;
    try (OnnxClassifier any =
        OnnxClassifier.load(write(Protos.classifier().addOutput(Protos.output("scores"))))) {
      expected = any.logits(images);
    }
    for (int batch : new int[] {1, 3, 10}) {
      Path file = write(Protos.classifier(batch, 1, 2, 2).addOutput(Protos.output("scores")));
      try (OnnxClassifier fixed = OnnxClassifier.load(file)) {
        assertClose(fixed.logits(images), expected, 1e-6);
      }
    }
  }

  @Test
  void large_inputs_are_cut_into_pieces() throws IOException {
    INDArray images = Images.of(TINY, 300, 1);
    try (OnnxClassifier read =
        OnnxClassifier.load(write(Protos.classifier().addOutput(Protos.output("scores"))))) {
      Logits all = read.logits(images);
      assertThat(all.rows()).isEqualTo(300);
      INDArray last = images.get(org.nd4j.linalg.indexing.NDArrayIndex.interval(299, 300));
      assertThat(all.row(299))
          .containsExactly(read.logits(last.reshape(1, 1, 2, 2)).row(0), within(1e-6));
    }
  }

  @Test
  void images_are_checked_as_a_model_checks_them() throws IOException {
    Path file = write(Protos.classifier().addOutput(Protos.output("scores")));
    try (OnnxClassifier read =
        OnnxClassifier.loader().pixelRange(PixelRange.UNIT).refuseOutOfRange().load(file)) {
      assertThatThrownBy(() -> read.logits(Nd4j.zeros(2, 3, 2, 2)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("images must have 1 channels, shape was [2, 3, 2, 2]");
      assertThatThrownBy(() -> read.logits(Nd4j.valueArrayOf(new long[] {1, 1, 2, 2}, 255.0f)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("images must be in [0.0, 1.0]");
      assertThatThrownBy(() -> read.logits(Nd4j.valueArrayOf(new long[] {1, 1, 2, 2}, Float.NaN)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("images must be finite numbers");
    }
  }

  @Test
  void inputs_that_are_no_images_are_refused() throws IOException {
    Path bytes =
        write(
            Protos.classifier()
                .setInput(0, Protos.tensor("x", TensorProto.DataType.UINT8, 0, 1, 2, 2))
                .addOutput(Protos.output("scores")));
    assertThatThrownBy(() -> OnnxClassifier.load(bytes))
        .hasMessageEndingWith(
            "its input 'x' must be float32, is UINT8: let the network convert it");
    Path channelsLast = write(Protos.classifier(0, 2, 2, 1).addOutput(Protos.output("scores")));
    assertThatThrownBy(() -> OnnxClassifier.load(channelsLast))
        .hasMessageContaining("looks like [N, H, W, C]");
    Path anySize = write(Protos.classifier(0, 1, 0, 0).addOutput(Protos.output("scores")));
    assertThatThrownBy(() -> OnnxClassifier.load(anySize))
        .hasMessageContaining("accepts images of any size: specify theirs");
    try (OnnxClassifier told = OnnxClassifier.loader().shape(TINY).load(anySize)) {
      assertThat(told.shape()).isEqualTo(TINY);
    }
    assertThatThrownBy(() -> OnnxClassifier.loader().shape(new ImageShape(3, 2, 2)).load(anySize))
        .hasMessageEndingWith("takes images of 1x0x0 (0 stands for any), not of 3x2x2");
    Path two =
        write(
            Protos.classifier()
                .addInput(Protos.tensor("y", TensorProto.DataType.FLOAT, 0, 1))
                .addOutput(Protos.output("scores")));
    assertThatThrownBy(() -> OnnxClassifier.load(two))
        .hasMessageEndingWith("a classifier has one input, it has [x, y]");
  }

  @Test
  void names_and_calibrations_of_another_number_of_classes_are_refused() throws IOException {
    Path file = write(Protos.classifier().addOutput(Protos.output("scores")));
    assertThatThrownBy(() -> OnnxClassifier.loader().classNames(List.of("a", "b")).load(file))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("the network has 3 classes, but 2 were named");
    try (OnnxClassifier read = OnnxClassifier.load(file)) {
      assertThatThrownBy(() -> read.withCalibration(Calibration.temperature(2, 4)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("calibration is for 4 classes, the classifier has 3");
    }
  }

  @Test
  void what_needs_gradients_is_refused_by_name() throws IOException {
    try (OnnxClassifier read =
        OnnxClassifier.load(write(Protos.classifier().addOutput(Protos.output("scores"))))) {
      EvaluationBatch batch = EvaluationBatch.of(read, Images.of(TINY, 2, 1), 0, 1);
      for (OutOfDistributionScore score :
          List.of(OutOfDistributionScores.odin(), OutOfDistributionScores.approximateMass())) {
        assertThatThrownBy(() -> score.score(batch))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage(
                "score '"
                    + score.name()
                    + "' needs gradients with respect to images: an EnergyModel provides them,"
                    + " OnnxClassifier[model.onnx, 3 classes] provides only logits");
      }
    }
  }

  @Test
  void many_threads_may_use_one_and_closing_ends_it() throws IOException {
    OnnxClassifier read =
        OnnxClassifier.loader()
            .threads(1)
            .load(write(Protos.classifier().addOutput(Protos.output("scores"))));
    INDArray images = Images.of(TINY, 5, 1);
    Logits expected = read.logits(images);
    assertThat(
            IntStream.range(0, 64)
                .parallel()
                .mapToObj(i -> read.logits(images).row(4))
                .filter(row -> java.util.Arrays.equals(row, expected.row(4)))
                .count())
        .isEqualTo(64);
    OnnxClassifier view = read.withThreshold(Threshold.of("px", 0));
    view.close();
    assertThat(read.logits(images).rows()).isEqualTo(5);
    read.close();
    read.close();
    assertThatThrownBy(() -> view.logits(images))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the classifier is closed");
  }

  @Test
  void the_message_names_the_version_that_is_tested() {
    assertThat(Session.RUNTIME).endsWith(":" + OrtEnvironment.getEnvironment().getVersion());
  }
}
