package org.udge.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.udge.data.ImageShape;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;

class BatchStatisticsTest {

  private static BatchNormalization norm() {
    return new BatchNormalization.Builder().nIn(3).nOut(3).build();
  }

  private static boolean usedBy(Layer layer) {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("first", layer, "in")
                .addLayer("out", new OutputLayer.Builder().nIn(3).nOut(2).build(), "first")
                .setOutputs("out")
                .build());
    graph.init();
    return BatchStatistics.areUsedBy(graph);
  }

  @Test
  void sees_batch_normalization() {
    assertThat(usedBy(norm())).isTrue();
  }

  @Test
  void sees_batch_normalization_in_a_wrapper() {
    assertThat(usedBy(new MaskZeroLayer(norm(), 0))).isTrue();
  }

  @Test
  void frozen_batch_normalization_uses_running_statistics() {
    assertThat(usedBy(new FrozenLayer(norm()))).isFalse();
    assertThat(usedBy(new FrozenLayerWithBackprop(norm()))).isFalse();
  }

  @Test
  void other_norms_are_of_one_image() {
    ImageShape shape = new ImageShape(3, 8, 8);
    for (Norm norm : Norm.values()) {
      ComputationGraph graph =
          WideResNet.of(10, 1).withNorm(norm).initialize(shape, 2, RandomStreams.of(1));
      assertThat(BatchStatistics.areUsedBy(graph)).as("%s", norm).isEqualTo(norm == Norm.BATCH);
    }
  }
}
