package org.udge.network;

/** What normalises activations before each leaky rectifier. */
public enum Norm {
  /** Nothing. The paper's choice for energy models: an image's energy depends on it alone. */
  NONE,
  /**
   * Batch normalisation (Ioffe &amp; Szegedy 2015): statistics of the batch per channel in
   * training, running averages of them afterwards.
   */
  BATCH
}
