package org.udge.engine.onednn;

import static org.udge.engine.EngineContract.assertClose;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.udge.engine.Engine;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.interop.PyTorchWideResNet;
import org.udge.network.GoldenGradients;
import org.udge.network.Norm;

/** Agreement with the published system, as computed in double precision by another program. */
class OneDnnGoldenTest {

  @ParameterizedTest
  @EnumSource
  void logits_agree(Norm norm) throws Exception {
    try (Engine engine = engine(network(norm));
        Pass pass = engine.forward(array("x"), Mode.EVALUATION)) {
      INDArray expected = array(norm.name().toLowerCase(Locale.ROOT) + "_logits");
      assertClose("logits", pass.logits(), expected, 1e-5);
    }
  }

  @Test
  void input_gradients_agree() throws Exception {
    try (Engine engine = engine(network(Norm.NONE));
        Pass pass = engine.forward(array("x"), Mode.EVALUATION)) {
      INDArray gradient = pass.inputGradient(Transforms.softmax(pass.logits()));
      INDArray expected = array("grad_x_lse");
      // In image 3 a rectifier's input is within rounding of 0, where its slope jumps.
      for (int image : new int[] {0, 1, 2, 4, 5, 6, 7}) {
        assertClose("image " + image, gradient.slice(image), expected.slice(image), 1e-5);
      }
      assertClose("image 3", gradient.slice(3), expected.slice(3), 1e-2);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void parameter_gradients_in_training_mode_agree(Norm norm) throws Exception {
    ComputationGraph graph = network(norm);
    try (Engine engine = engine(graph);
        Pass pass = engine.forward(array("x"), Mode.TRAINING)) {
      graph.getGradientsViewArray().assign(0);
      pass.parameterGradient(Transforms.softmax(pass.logits()));
    }
    String key = norm.name().toLowerCase(Locale.ROOT) + "_train_mode_param_grad_norms";
    GoldenGradients.assertNorms(graph, numbers().get(key), 1e-5, 1e-4);
  }

  private static JsonNode numbers() throws IOException {
    try (InputStream in = OneDnnGoldenTest.class.getResourceAsStream("/golden/golden.json")) {
      return new ObjectMapper().readTree(in);
    }
  }

  @Test
  void parameter_gradients_agree() throws Exception {
    ComputationGraph graph = network(Norm.NONE);
    try (Engine engine = engine(graph);
        Pass pass = engine.forward(array("x"), Mode.TRAINING)) {
      graph.getGradientsViewArray().assign(0);
      pass.parameterGradient(array("ce_grad_logits").addi(array("contrast_reference_grad_logits")));
    }
    Map<String, INDArray> gradients = GoldenGradients.of(graph);
    assertClose("first", gradients.get("conv1_W"), array("grad_f.conv1.weight"), 1e-4);
    assertClose(
        "stride 2", gradients.get("layer2.0.conv2_W"), array("grad_f.layer2.0.conv2.weight"), 1e-4);
    assertClose(
        "shortcut",
        gradients.get("layer3.0.shortcut.0_W"),
        array("grad_f.layer3.0.shortcut.0.weight"),
        1e-4);
    assertClose(
        "bias",
        gradients.get("layer3.0.shortcut.0_b").reshape(64),
        array("grad_f.layer3.0.shortcut.0.bias"),
        1e-4);
    assertClose(
        "output",
        gradients.get("class_output_W").transpose(),
        array("grad_class_output.weight"),
        1e-4);
  }

  private static Engine engine(ComputationGraph graph) {
    return OneDnnEngine.compile(graph, OneDnnOptions.ofDefaults());
  }

  private static ComputationGraph network(Norm norm) throws Exception {
    String file = "/golden/wrn_" + norm.name().toLowerCase(Locale.ROOT) + ".pt";
    Path path = Path.of(OneDnnGoldenTest.class.getResource(file).toURI());
    return PyTorchWideResNet.importer().norm(norm).read(path).graph();
  }

  private static INDArray array(String name) throws IOException {
    try (InputStream in = OneDnnGoldenTest.class.getResourceAsStream("/golden/" + name + ".npy")) {
      return Nd4j.createNpyFromInputStream(in);
    }
  }
}
