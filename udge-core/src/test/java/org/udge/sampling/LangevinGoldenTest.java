package org.udge.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.data.ImageShape;
import org.udge.engine.Engine;
import org.udge.engine.graph.GraphEngine;
import org.udge.interop.NpyFile;
import org.udge.interop.PyTorchCheckpoint;
import org.udge.interop.Tensor;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;

/** Against numbers of an independent implementation of the published program. */
class LangevinGoldenTest {

  private static Path golden(String name) {
    try {
      return Path.of(LangevinGoldenTest.class.getResource("/golden/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ComputationGraph network() throws IOException {
    Map<String, Tensor> weights = PyTorchCheckpoint.read(golden("wrn_none.pt")).stateDict();
    ComputationGraph graph =
        WideResNet.of(10, 1)
            .withNorm(Norm.NONE)
            .initialize(ImageShape.CIFAR, 10, RandomStreams.of(1));
    for (Map.Entry<String, INDArray> parameter : graph.paramTable().entrySet()) {
      int end = parameter.getKey().lastIndexOf('_');
      String layer = parameter.getKey().substring(0, end);
      String kind = parameter.getKey().substring(end).equals("_W") ? ".weight" : ".bias";
      String name = (layer.equals("class_output") ? "" : "f.") + layer + kind;
      INDArray value = weights.get(name).toINDArray();
      INDArray target = parameter.getValue();
      target.assign(
          name.equals("class_output.weight") ? value.transpose() : value.reshape(target.shape()));
    }
    return graph;
  }

  @Test
  void five_published_steps_give_the_golden_samples() throws IOException {
    INDArray images = NpyFile.read(golden("x.npy")).toINDArray();
    float[] noise = NpyFile.read(golden("sgld_noise.npy")).toFloats();
    NoiseSource injected =
        new NoiseSource() {
          @Override
          public void fillGaussian(int step, int chain, float[] values) {
            System.arraycopy(noise, (step * 8 + chain) * 3072, values, 0, 3072);
          }

          @Override
          public double uniform(int step, int chain) {
            throw new IllegalStateException("there is no correction");
          }
        };
    try (Engine engine = GraphEngine.of(network())) {
      LangevinSampler.of(engine, Langevin.ofSteps(5))
          .run(images, EnergyGradient.marginal(), injected);
    }
    INDArray expected = NpyFile.read(golden("sgld_5_steps.npy")).toINDArray();
    INDArray start = NpyFile.read(golden("x.npy")).toINDArray();
    assertThat(images.distance2(expected) / expected.norm2Number().doubleValue()).isLessThan(1e-5);
    assertThat(images.distance2(expected) / start.distance2(expected))
        .as("error relative to how far the chains moved")
        .isLessThan(1e-5);
  }

  @Test
  void takes_over_the_buffer_of_a_published_checkpoint() throws IOException {
    INDArray images =
        PyTorchCheckpoint.read(golden("wrn_none.pt")).tensor("replay_buffer").toINDArray();
    ReplayBuffer buffer = ReplayBuffer.of(Replay.ofSize(20), ImageShape.CIFAR, 10);
    buffer.fill(images);
    assertThat(buffer.images(buffer.filled())).isEqualTo(images);
    assertThat(buffer.filled(3)).containsExactly(6, 7);
  }
}
