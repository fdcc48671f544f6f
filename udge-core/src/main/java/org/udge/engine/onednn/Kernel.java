package org.udge.engine.onednn;

/** Adds a node's steps to a plan, first forward, then (in reverse order of nodes) backward. */
interface Kernel {

  /** Adds what computes the output, and defines it. */
  void forward();

  /** Adds what computes the gradients of inputs and parameters from the output's gradient. */
  void backward();
}
