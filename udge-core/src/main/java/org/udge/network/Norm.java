package org.udge.network;

import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;

/** The normalization of activations before each leaky rectifier. */
public enum Norm {
  /**
   * No normalization. The paper's choice for energy models: the energy of an image depends on that
   * image alone.
   */
  NONE,
  /**
   * Deeplearning4j's batch normalization: per-channel statistics of the batch during training,
   * their running averages afterwards. The paper's choice for accuracy. (Ioffe &amp; Szegedy 2015)
   */
  BATCH,
  /** {@link InstanceNormalization}: statistics of each channel of each image. */
  INSTANCE,
  /** {@link LayerNormalization}: statistics of each image. */
  LAYER,
  /** {@link ActNormalization}: a learned scale and offset, initialized from the first batch. */
  ACT;

  /**
   * Adds this normalization after a vertex. Returns the name of the vertex that gives the output.
   */
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
