package org.udge.engine;

/**
 * The arithmetic precision of the inner layers of a network. Parameters and logits are always
 * float32.
 */
public enum Precision {
  /** 32-bit floating point throughout. */
  FLOAT32,
  /** Activations and packed weights in bfloat16, sums in float32. */
  BFLOAT16
}
