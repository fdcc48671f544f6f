package org.udge.network;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.engine.graph.GraphEngine;
import org.udge.interop.PyTorchWideResNet;

/** Agreement with the published system, as computed in double precision by another program. */
class WideResNetGoldenTest {

  /** Golden files hold single precision. */
  private static final double DOUBLE_TOLERANCE = 1e-6;

  private static JsonNode numbers;

  @BeforeAll
  static void readNumbers() throws IOException {
    try (InputStream in = WideResNetGoldenTest.class.getResourceAsStream("/golden/golden.json")) {
      numbers = new ObjectMapper().readTree(in);
    }
  }

  @ParameterizedTest
  @EnumSource
  void logits_agree_in_single_precision(Norm norm) throws Exception {
    ComputationGraph graph = network(norm);
    try (GraphEngine engine = GraphEngine.of(graph);
        Pass pass = engine.forward(array("x"), Mode.EVALUATION)) {
      assertThat(error(pass.logits(), array(fileName(norm) + "_logits"))).isLessThan(1e-5);
    }
  }

  @ParameterizedTest
  @EnumSource
  void plain_deeplearning4j_computes_the_same_probabilities(Norm norm) throws Exception {
    INDArray expected = Transforms.softmax(array(fileName(norm) + "_logits"));
    assertThat(error(network(norm).outputSingle(array("x")), expected)).isLessThan(1e-5);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void parameter_gradients_in_training_mode_agree(Norm norm) throws Exception {
    ComputationGraph graph = network(norm).convertDataType(DataType.DOUBLE);
    try (GraphEngine engine = GraphEngine.of(graph);
        Pass pass = engine.forward(array("x"), Mode.TRAINING)) {
      pass.parameterGradient(Transforms.softmax(pass.logits()));
    }
    GoldenGradients.assertNorms(
        graph,
        numbers.get(fileName(norm) + "_train_mode_param_grad_norms"),
        1e-12,
        DOUBLE_TOLERANCE);
  }

  @Test
  void gradients_of_cross_entropy_with_contrast_agree() throws Exception {
    ComputationGraph graph = network(Norm.NONE).convertDataType(DataType.DOUBLE);
    INDArray logitGradient = array("ce_grad_logits").add(array("contrast_reference_grad_logits"));
    try (GraphEngine engine = GraphEngine.of(graph);
        Pass pass = engine.forward(array("x"), Mode.TRAINING)) {
      pass.parameterGradient(logitGradient);
    }
    GoldenGradients.assertNorms(
        graph, numbers.get("ce_plus_contrast_param_grad_norms"), 1e-12, DOUBLE_TOLERANCE);
    Map<String, INDArray> gradients = GoldenGradients.of(graph);
    assertAgrees(gradients.get("conv1_W"), "grad_f.conv1.weight");
    assertAgrees(gradients.get("layer2.0.conv2_W"), "grad_f.layer2.0.conv2.weight");
    assertAgrees(gradients.get("layer3.0.shortcut.0_W"), "grad_f.layer3.0.shortcut.0.weight");
    assertAgrees(gradients.get("layer3.0.shortcut.0_b"), "grad_f.layer3.0.shortcut.0.bias");
    assertAgrees(gradients.get("class_output_W").transpose(), "grad_class_output.weight");
  }

  @Test
  void input_gradients_agree_in_double_precision() throws Exception {
    ComputationGraph graph = network(Norm.NONE).convertDataType(DataType.DOUBLE);
    try (GraphEngine engine = GraphEngine.of(graph);
        Pass pass = engine.forward(array("x"), Mode.EVALUATION)) {
      assertAgrees(pass.inputGradient(Transforms.softmax(pass.logits())), "grad_x_lse");
      assertAgrees(pass.inputGradient(oneHot(array("y"))), "grad_x_y");
    }
  }

  @Test
  void input_gradients_agree_in_single_precision() throws Exception {
    try (GraphEngine engine = GraphEngine.of(network(Norm.NONE));
        Pass pass = engine.forward(array("x"), Mode.EVALUATION)) {
      INDArray gradient = pass.inputGradient(Transforms.softmax(pass.logits()));
      INDArray expected = array("grad_x_lse");
      // In image 3 a rectifier's input is within rounding of 0, where its slope jumps.
      for (int image : new int[] {0, 1, 2, 4, 5, 6, 7}) {
        assertThat(error(gradient.slice(image), expected.slice(image)))
            .as("image %s", image)
            .isLessThan(1e-5);
      }
      assertThat(error(gradient.slice(3), expected.slice(3))).isLessThan(1e-2);
    }
  }

  @Test
  void imported_activation_norms_are_past_their_first_batch() throws Exception {
    assertThat(ActNormalization.isInitialized(network(Norm.ACT))).isTrue();
  }

  private static ComputationGraph network(Norm norm) throws Exception {
    URL file = WideResNetGoldenTest.class.getResource("/golden/wrn_" + fileName(norm) + ".pt");
    return PyTorchWideResNet.importer().norm(norm).read(Path.of(file.toURI())).graph();
  }

  private static String fileName(Norm norm) {
    return norm.name().toLowerCase(Locale.ROOT);
  }

  private static INDArray oneHot(INDArray labels) {
    INDArray rows = Nd4j.zeros(DataType.DOUBLE, labels.length(), 10);
    for (int i = 0; i < labels.length(); i++) {
      rows.putScalar(i, labels.getInt(i), 1);
    }
    return rows;
  }

  private static INDArray array(String name) throws IOException {
    try (InputStream in =
        WideResNetGoldenTest.class.getResourceAsStream("/golden/" + name + ".npy")) {
      return Nd4j.createNpyFromInputStream(in);
    }
  }

  private static void assertAgrees(INDArray actual, String file) throws IOException {
    assertThat(error(actual, array(file))).as(file).isLessThan(DOUBLE_TOLERANCE);
  }

  /** Relative error in the L2 norm. */
  private static double error(INDArray actual, INDArray expected) {
    INDArray reference = expected.castTo(DataType.DOUBLE);
    return actual.castTo(DataType.DOUBLE).sub(reference).norm2Number().doubleValue()
        / reference.norm2Number().doubleValue();
  }
}
