package org.udge.evaluation;

import org.udge.engine.Logits;

/**
 * What an {@link Evaluator} remembers of the images it has seen.
 *
 * <p>Accumulators can be {@linkplain #merge merged}, so that parts of a set may be judged on
 * different threads or machines. Not thread-safe.
 *
 * @param <R> what comes out
 */
public interface Accumulator<R extends EvaluationResult> {

  /**
   * Takes in a batch.
   *
   * @param batch images, labels, and what the model says of them
   * @throws IllegalArgumentException if logits are not finite numbers or do not fit to the batches
   *     before
   * @throws IllegalStateException if the evaluator needs something the batch does not have: labels,
   *     images
   */
  void update(EvaluationBatch batch);

  /**
   * Takes in logits alone.
   *
   * @param logits [N, C]
   * @param labels N class indices
   */
  default void update(Logits logits, int... labels) {
    update(EvaluationBatch.of(logits, labels));
  }

  /**
   * Takes in all that another accumulator has seen.
   *
   * @param other begun by an equal evaluator; not changed
   * @throws IllegalArgumentException if it is of another kind or has other settings
   */
  void merge(Accumulator<R> other);

  /**
   * The result so far; more batches may follow.
   *
   * @return the result
   * @throws IllegalStateException if no image was seen
   */
  R compute();
}
