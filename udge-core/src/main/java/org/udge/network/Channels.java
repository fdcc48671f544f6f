package org.udge.network;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Conversions between per-channel values, [C], and images, [N, C, H, W]. */
final class Channels {

  private Channels() {}

  /** Returns a view, [1, C, 1, 1], that broadcasts over images. */
  static INDArray over(INDArray perChannel) {
    return perChannel.reshape(1, perChannel.length(), 1, 1);
  }

  /** Sums over all axes except channels: [C]. */
  static INDArray sum(INDArray images) {
    return images.sum(0, 2, 3);
  }
}
