package org.udge.engine;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An engine, which runs one network with the parameters of its Deeplearning4j graph.
 *
 * <p>The graph owns the parameters and the flat gradient view; an engine reads the former and
 * accumulates into the latter. Engines may cache parameters in their own packed layouts: call
 * {@link #parametersChanged()} after changing parameters.
 *
 * <p>Thread-safety: {@link #forward} and the methods of different passes may run concurrently,
 * provided that no thread changes parameters and at most one thread at a time computes {@linkplain
 * Pass#parameterGradient parameter gradients}.
 */
public interface Engine extends AutoCloseable {

  /**
   * Returns a short name: {@code graph} or {@code onednn}.
   *
   * @return the name
   */
  String name();

  /**
   * Returns the arithmetic precision of inner layers.
   *
   * @return the precision
   */
  Precision precision();

  /**
   * Returns the maximum number of threads that one pass may use.
   *
   * @return the number of threads, at least 1
   */
  int threads();

  /**
   * Runs the network and retains what is needed to compute gradients.
   *
   * @param images float32, [N, C, H, W], N at least 1; must not be modified while gradients of the
   *     pass are still to be computed
   * @param mode the behavior of dropout and batch statistics
   * @param dropoutSeed determines the dropout masks, if there are any; equal seeds give equal masks
   * @return an open pass; close it to release its buffers for reuse
   */
  Pass forward(INDArray images, Mode mode, long dropoutSeed);

  /**
   * Runs the network where dropout is absent or inactive.
   *
   * @param images float32, [N, C, H, W]; must not be modified until the pass is closed
   * @param mode the behavior of dropout and batch statistics; dropout masks are generated from seed
   *     0
   * @return an open pass
   */
  default Pass forward(INDArray images, Mode mode) {
    return forward(images, mode, 0);
  }

  /**
   * Notifies the engine that the graph's parameters have changed since the last pass. From then on,
   * gradients of passes that were opened earlier are undefined.
   */
  void parametersChanged();

  /**
   * Returns a human-readable description of the plan that this engine executes: layers, shapes,
   * layouts, fusions.
   *
   * @return the description, in several lines
   */
  String describe();

  /**
   * Frees the memory that the engine holds outside the Java heap. Its passes must not be used
   * afterwards.
   */
  @Override
  void close();
}
