package org.udge.examples.train;

import org.udge.examples.cli.Numbers;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import picocli.CommandLine.Option;

/** The wide residual network. */
final class NetworkOptions {

  @Option(
      names = "--depth",
      defaultValue = "28",
      converter = Numbers.Depth.class,
      description =
          "Layers, 6n + 4. The paper's 28 takes days on a CPU; 10 takes minutes. Default:"
              + " ${DEFAULT-VALUE}.")
  int depth;

  @Option(
      names = "--width",
      defaultValue = "10",
      converter = Numbers.Width.class,
      description =
          "Widening factor: channels of the three groups are 16, 32 and 64 times this. Default:"
              + " ${DEFAULT-VALUE}.")
  int width;

  @Option(
      names = "--norm",
      defaultValue = "none",
      description =
          "Normalization before each rectifier: ${COMPLETION-CANDIDATES} (in any case). Energy"
              + " models are trained without normalization. Default: ${DEFAULT-VALUE}.")
  Norm norm;

  @Option(
      names = "--dropout_rate",
      defaultValue = "0",
      converter = Numbers.FractionBelowOne.class,
      description = "Share of activations dropped within each block. Default: ${DEFAULT-VALUE}.")
  double dropoutRate;

  WideResNet architecture(double batchNormDecay) {
    return WideResNet.of(depth, width)
        .withNorm(norm)
        .withDropout(dropoutRate)
        .withBatchNormDecay(batchNormDecay);
  }
}
