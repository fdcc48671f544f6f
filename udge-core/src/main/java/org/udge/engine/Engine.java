package org.udge.engine;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Runs one network on the parameters of its Deeplearning4j graph.
 *
 * <p>The graph owns the parameters and the flat gradient view; an engine reads the one and adds
 * into the other. Engines may keep parameters packed in layouts of their own: after changing
 * parameters, call {@link #parametersChanged()}.
 *
 * <p>Thread-safety: {@link #forward} and the methods of different passes may run concurrently as
 * long as nobody changes parameters and at most one thread computes {@linkplain
 * Pass#parameterGradient parameter gradients} at a time.
 */
public interface Engine extends AutoCloseable {

  /**
   * A short name: {@code graph} or {@code onednn}.
   *
   * @return the name
   */
  String name();

  /**
   * Arithmetic of inner layers.
   *
   * @return the precision
   */
  Precision precision();

  /**
   * Threads that one pass may use at most.
   *
   * @return at least 1
   */
  int threads();

  /**
   * Runs the network and keeps what gradients need.
   *
   * @param images float32, [N, C, H, W], N at least 1; must stay unchanged as long as gradients are
   *     asked for
   * @param mode behavior of dropout and batch statistics
   * @param dropoutSeed decides the dropout masks, if there are any: same seed, same masks
   * @return an open pass; close it to let its buffers be used again
   */
  Pass forward(INDArray images, Mode mode, long dropoutSeed);

  /**
   * Runs the network where dropout is absent or off.
   *
   * @param images float32, [N, C, H, W]; must stay unchanged until the pass is closed
   * @param mode behavior of dropout and batch statistics; dropout masks come from seed 0
   * @return an open pass
   */
  default Pass forward(INDArray images, Mode mode) {
    return forward(images, mode, 0);
  }

  /**
   * Says that the graph's parameters are no longer what they were at the last pass. Gradients of
   * passes that were opened before are undefined from then on.
   */
  void parametersChanged();

  /**
   * The plan this engine executes, for people: layers, shapes, layouts, fusions.
   *
   * @return several lines
   */
  String describe();

  /** Frees what the engine holds outside the Java heap. Passes must not be used afterwards. */
  @Override
  void close();
}
