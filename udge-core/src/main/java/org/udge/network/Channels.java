package org.udge.network;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Between numbers per channel, [C], and images, [N, C, H, W]. */
final class Channels {

  private Channels() {}

  /** A view, [1, C, 1, 1], that spreads over images. */
  static INDArray over(INDArray perChannel) {
    return perChannel.reshape(1, perChannel.length(), 1, 1);
  }

  /** Sums over everything but channels: [C]. */
  static INDArray sum(INDArray images) {
    return images.sum(0, 2, 3);
  }
}
