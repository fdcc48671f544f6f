package org.udge.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.ImageShape;
import org.udge.random.RandomStreams;

class ConvNetTest {

  private static final ImageShape SHAPE = new ImageShape(3, 8, 12);

  @Test
  void has_a_convolution_and_a_pooling_for_each_stage_and_a_dense_layer() {
    ComputationGraph graph =
        ConvNet.of(4, 6).withHidden(5).initialize(SHAPE, 7, RandomStreams.of(1));
    assertThat(graph.getParam("conv1_W").shape()).containsExactly(4, 3, 3, 3);
    assertThat(graph.getParam("conv2_W").shape()).containsExactly(6, 4, 3, 3);
    assertThat(graph.getParam("dense_W").shape()).containsExactly(6 * 2 * 3, 5);
    assertThat(graph.getParam("class_output_W").shape()).containsExactly(5, 7);
    assertThat(graph.outputSingle(Nd4j.ones(SHAPE.batch(2))).shape()).containsExactly(2, 7);
  }

  @Test
  void options_change_a_copy() {
    ConvNet plain = ConvNet.of(4, 6);
    assertThat(plain.withHidden(5).withInitialization(Initialization.HE).hidden()).isEqualTo(5);
    assertThat(plain).isEqualTo(ConvNet.of(4, 6));
    assertThat(plain.name()).isEqualTo("ConvNet-4-6");
  }

  @Test
  void refuses_no_stages() {
    assertThatIllegalArgumentException()
        .isThrownBy(ConvNet::of)
        .withMessage("channels must name at least one stage");
  }

  @Test
  void refuses_stages_without_channels() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConvNet.of(4, 0))
        .withMessage("channels must be at least 1 in each stage, were [4, 0]");
  }

  @Test
  void refuses_hidden_below_1() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConvNet.of(4).withHidden(0))
        .withMessage("hidden must be at least 1, was 0");
  }

  @Test
  void refuses_sizes_that_cannot_be_halved_often_enough() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConvNet.of(4, 4, 4).configuration(SHAPE, 10))
        .withMessage(
            "height and width of images must be divisible by 8 for a ConvNet-4-4-4, were 8 x 12");
  }

  @Test
  void refuses_fewer_than_2_classes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConvNet.of(4).configuration(SHAPE, 0))
        .withMessage("classes must be at least 2, was 0");
  }
}
