package org.udge.engine;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One run of a network over a batch, with everything needed to go back through it.
 *
 * <p>Several passes of one engine may be open at once. Arrays returned belong to the pass: they are
 * detached from workspaces and valid until {@link #close()}; {@code dup()} them to keep them. Using
 * a closed pass throws {@link IllegalStateException}. A pass is not thread-safe.
 */
public interface Pass extends AutoCloseable {

  /**
   * The logits f(x).
   *
   * @return float32, [N, classes]; the pass's own
   */
  INDArray logits();

  /**
   * The gradient with respect to the images of a scalar that depends on the logits. Computes no
   * weight gradient where the engine can avoid it.
   *
   * @param logitGradient the scalar's gradient with respect to the logits, float32, [N, classes]
   * @return float32, [N, C, H, W]; the pass's own, overwritten by the next call
   */
  INDArray inputGradient(INDArray logitGradient);

  /**
   * Adds the gradient with respect to the parameters of a scalar that depends on the logits into
   * the graph's flat gradient view ({@code ComputationGraph.getGradientsViewArray()}).
   *
   * <p>After a pass in {@link Mode#TRAINING}, entries of batch normalization's running statistics
   * receive what has to be subtracted from them, as Deeplearning4j does.
   *
   * @param logitGradient the scalar's gradient with respect to the logits, float32, [N, classes]
   */
  void parameterGradient(INDArray logitGradient);

  /** Gives the buffers back. Closing again does nothing. */
  @Override
  void close();
}
