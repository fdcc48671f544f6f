package org.udge.network;

import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;

/** What normalizes activations before each leaky rectifier. */
public enum Norm {
  /** Nothing. The paper's choice for energy models: an image's energy depends on it alone. */
  NONE,
  /**
   * Batch normalization, Deeplearning4j's own: statistics of the batch per channel in training,
   * running averages of them afterwards. The paper's choice for accuracy. (Ioffe &amp; Szegedy
   * 2015)
   */
  BATCH,
  /** {@link InstanceNormalization}: statistics of each channel of each image. */
  INSTANCE,
  /** {@link LayerNormalization}: statistics of each image. */
  LAYER,
  /** {@link ActNormalization}: a learned scale and offset that start from the first batch. */
  ACT;

  /** Adds this norm after a vertex. Returns the name of what comes out. */
  String addTo(GraphDraft draft, String name, String input, double batchNormDecay) {
    return this == NONE ? input : draft.layer(name, input, layer(batchNormDecay));
  }

  private Layer layer(double batchNormDecay) {
    return switch (this) {
      case BATCH ->
          new BatchNormalization.Builder().decay(batchNormDecay).eps(1e-5).useLogStd(false).build();
      case INSTANCE -> new InstanceNormalization();
      case LAYER -> new LayerNormalization();
      case ACT -> new ActNormalization();
      case NONE -> throw new AssertionError(this);
    };
  }
}
