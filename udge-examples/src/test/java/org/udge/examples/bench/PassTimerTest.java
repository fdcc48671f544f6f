package org.udge.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.ImageShape;
import org.udge.engine.Engine;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.engine.graph.GraphEngine;
import org.udge.network.ConvNet;
import org.udge.random.RandomStreams;

class PassTimerTest {

  @Test
  void adds_up_passes_and_changes_nothing() {
    ComputationGraph graph =
        ConvNet.of(4).initialize(new ImageShape(1, 4, 4), 3, RandomStreams.of(1));
    INDArray images = Nd4j.ones(DataType.FLOAT, 2, 1, 4, 4);
    INDArray direction = Nd4j.ones(DataType.FLOAT, 2, 3);
    PassTimer timer = new PassTimer();
    try (Engine engine = GraphEngine.of(graph);
        Engine timed = timer.around(engine);
        Pass expected = engine.forward(images, Mode.EVALUATION)) {
      assertThat(timed.name()).isEqualTo(engine.name());
      assertThat(timed.threads()).isEqualTo(engine.threads());
      assertThat(timed.precision()).isEqualTo(engine.precision());
      assertThat(timed.describe()).isEqualTo(engine.describe());
      assertThat(timer.nanoseconds()).isZero();
      try (Pass pass = timed.forward(images, Mode.EVALUATION)) {
        long forward = timer.nanoseconds();
        assertThat(forward).isPositive();
        assertThat(pass.logits()).isEqualTo(expected.logits());
        assertThat(timer.nanoseconds()).as("reading logits is not counted").isEqualTo(forward);
        assertThat(pass.inputGradient(direction)).isEqualTo(expected.inputGradient(direction));
        long back = timer.nanoseconds();
        assertThat(back).isGreaterThan(forward);
        graph.getGradientsViewArray().assign(0);
        pass.parameterGradient(direction);
        assertThat(graph.getGradientsViewArray().norm2Number().doubleValue()).isPositive();
        assertThat(timer.nanoseconds()).isGreaterThan(back);
      }
    }
  }
}
