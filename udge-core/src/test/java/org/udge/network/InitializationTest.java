package org.udge.network;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.junit.jupiter.api.Test;
import org.udge.random.RandomStreams;

class InitializationTest {

  @Test
  void refuses_layers_it_cannot_draw() {
    ComputationGraphConfiguration recurrent =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("input")
            .setInputTypes(InputType.recurrent(3))
            .addLayer("memory", new LSTM.Builder().nOut(4).build(), "input")
            .addLayer("output", new RnnOutputLayer.Builder().nOut(2).build(), "memory")
            .setOutputs("output")
            .build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Initialization.HE.initialize(recurrent, RandomStreams.of(1)))
        .withMessage(
            "layer 'memory' is a LSTM, whose parameters HE cannot draw: implement"
                + " Architecture.initialize");
  }
}
