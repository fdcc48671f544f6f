package org.udge.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.udge.data.ImageShape;
import org.udge.random.RandomStreams;

class MlpTest {

  private static final ImageShape FEATURES = new ImageShape(5, 1, 1);
  private static final RandomStreams STREAMS = RandomStreams.of(1);

  @Test
  void without_hidden_layers_is_logistic_regression() {
    ComputationGraph graph = Mlp.of().initialize(FEATURES, 3, STREAMS);
    INDArray x = Nd4j.linspace(-1, 1, 20).castTo(graph.params().dataType()).reshape(4, 5, 1, 1);
    INDArray logits =
        x.reshape(4, 5)
            .mmul(graph.getParam("class_output_W"))
            .addRowVector(graph.getParam("class_output_b"));
    assertThat(graph.outputSingle(x).equalsWithEps(Transforms.softmax(logits), 1e-6)).isTrue();
  }

  @Test
  void has_a_dense_layer_for_each_hidden_width() {
    ComputationGraph graph = Mlp.of(7, 6).initialize(new ImageShape(2, 3, 4), 3, STREAMS);
    assertThat(graph.getParam("dense1_W").shape()).containsExactly(24, 7);
    assertThat(graph.getParam("dense2_W").shape()).containsExactly(7, 6);
    assertThat(graph.getParam("class_output_W").shape()).containsExactly(6, 3);
    assertThat(graph.getParam("dense1_W").amaxNumber().doubleValue())
        .isBetween(0.8 / Math.sqrt(24), 1 / Math.sqrt(24));
  }

  @Test
  void options_change_a_copy() {
    Mlp plain = Mlp.of(7, 6);
    assertThat(plain.withInitialization(Initialization.HE).initialization())
        .isEqualTo(Initialization.HE);
    assertThat(plain).isEqualTo(Mlp.of(7, 6));
    assertThat(plain.name()).isEqualTo("Mlp-7-6");
    assertThat(Mlp.of().name()).isEqualTo("Mlp");
  }

  @Test
  void refuses_hidden_layers_without_units() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mlp.of(7, 0))
        .withMessage("hidden layers must be at least 1 wide, were [7, 0]");
  }

  @Test
  void refuses_fewer_than_2_classes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mlp.of().configuration(FEATURES, 1))
        .withMessage("classes must be at least 2, was 1");
  }
}
