package org.udge.engine;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One forward run of a network over a batch, with everything needed for the backward pass.
 *
 * <p>Several passes of one engine may be open at once. The returned arrays belong to the pass: they
 * are detached from workspaces and valid until {@link #close()}; use {@code dup()} to keep a copy.
 * Using a closed pass throws {@link IllegalStateException}. A pass is not thread-safe.
 */
public interface Pass extends AutoCloseable {

  /**
   * Returns the logits f(x).
   *
   * @return the logits, float32, [N, classes]; owned by the pass
   */
  INDArray logits();

  /**
   * Computes the gradient, with respect to the images, of a scalar function of the logits. Computes
   * no weight gradient if the engine can avoid it.
   *
   * @param logitGradient the gradient of the scalar with respect to the logits, float32, [N,
   *     classes]
   * @return the gradient, float32, [N, C, H, W]; owned by the pass and overwritten by the next call
   */
  INDArray inputGradient(INDArray logitGradient);

  /**
   * Computes the gradient, with respect to the parameters, of a scalar function of the logits and
   * adds it to the graph's flat gradient view ({@code ComputationGraph.getGradientsViewArray()}).
   *
   * <p>After a pass in {@link Mode#TRAINING}, the entries for the running statistics of batch
   * normalization receive the values to be subtracted from those statistics, as in Deeplearning4j.
   *
   * @param logitGradient the gradient of the scalar with respect to the logits, float32, [N,
   *     classes]
   */
  void parameterGradient(INDArray logitGradient);

  /** Releases the buffers. Closing a closed pass has no effect. */
  @Override
  void close();
}
