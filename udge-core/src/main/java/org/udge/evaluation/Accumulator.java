package org.udge.evaluation;

import org.udge.engine.Logits;
import org.udge.state.State;
import org.udge.state.Stateful;

/**
 * What an {@link Evaluator} remembers of the images it has seen.
 *
 * <p>Accumulators can be {@linkplain #merge merged}, so that parts of a set may be judged on
 * different threads or machines: between processes travels the {@linkplain #captureState state},
 * and an accumulator begun by an equal evaluator takes it up. Not thread-safe.
 *
 * @param <R> what comes out
 */
public interface Accumulator<R extends EvaluationResult> extends Stateful {

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
   * Returns the result so far; more batches may follow.
   *
   * @return the result
   * @throws IllegalStateException if no image was seen
   */
  R compute();

  /**
   * Copies everything seen so far.
   *
   * @return a detached state
   * @throws UnsupportedOperationException by default: then it can be used in one process only
   */
  @Override
  default State captureState() {
    throw new UnsupportedOperationException(
        getClass().getName() + " cannot be sent to another process: it has no captureState");
  }

  /**
   * Replaces everything seen so far.
   *
   * @param state captured of an accumulator that an equal evaluator began
   * @throws IllegalArgumentException if it is of one with other settings
   * @throws UnsupportedOperationException by default
   */
  @Override
  default void restoreState(State state) {
    throw new UnsupportedOperationException(
        getClass().getName() + " cannot be sent to another process: it has no restoreState");
  }
}
