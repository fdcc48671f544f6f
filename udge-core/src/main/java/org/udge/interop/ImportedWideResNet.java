package org.udge.interop;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.udge.data.ImageShape;
import org.udge.network.WideResNet;

/**
 * The result of {@link PyTorchWideResNet}: a network and other content of a checkpoint.
 *
 * @param architecture depth, width and norm; other settings are the defaults of {@link
 *     WideResNet#of}, because checkpoints do not contain them
 * @param shape the shape of an image
 * @param classes the number of classes
 * @param graph the network with the checkpoint's parameters; owned by the caller
 * @param replayBuffer the samples of Langevin dynamics, [n, channels, height, width], if saved
 * @param queue the negatives of contrastive training, if saved
 */
public record ImportedWideResNet(
    WideResNet architecture,
    ImageShape shape,
    int classes,
    ComputationGraph graph,
    Optional<Tensor> replayBuffer,
    Optional<ContrastiveQueue> queue) {

  /**
   * Checks that nothing is null.
   *
   * @param architecture depth, width and norm
   * @param shape the shape of an image
   * @param classes number of classes
   * @param graph the network
   * @param replayBuffer the samples of Langevin dynamics, if saved
   * @param queue the negatives of contrastive training, if saved
   */
  public ImportedWideResNet {
    requireNonNull(architecture, "architecture");
    requireNonNull(shape, "shape");
    requireNonNull(graph, "graph");
    requireNonNull(replayBuffer, "replayBuffer");
    requireNonNull(queue, "queue");
  }
}
