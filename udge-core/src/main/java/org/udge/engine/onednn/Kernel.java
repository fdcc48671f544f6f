package org.udge.engine.onednn;

/**
 * A kernel, which adds the steps of a node to a plan: first forward, then (in reverse order of
 * nodes) backward.
 */
interface Kernel {

  /** Adds the steps that compute the output, and defines it. */
  void forward();

  /**
   * Adds the steps that compute the gradients of inputs and parameters from the gradient of the
   * output.
   */
  void backward();
}
