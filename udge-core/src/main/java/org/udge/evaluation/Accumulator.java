package org.udge.evaluation;

import org.udge.engine.Logits;
import org.udge.state.State;
import org.udge.state.Stateful;

/**
 * The intermediate result of an {@link Evaluator} over the images seen so far.
 *
 * <p>Accumulators can be {@linkplain #merge merged}, so that parts of a set can be evaluated on
 * different threads or machines: between processes, the {@linkplain #captureState state} is
 * transferred, and restored by an accumulator that an equal evaluator began. Not thread-safe.
 *
 * @param <R> the type of the result
 */
public interface Accumulator<R extends EvaluationResult> extends Stateful {

  /**
   * Adds a batch.
   *
   * @param batch images, labels, and the model's output for them
   * @throws IllegalArgumentException if logits are not finite numbers or do not match the previous
   *     batches
   * @throws IllegalStateException if the batch lacks something that the evaluator needs: labels,
   *     images
   */
  void update(EvaluationBatch batch);

  /**
   * Adds logits without images.
   *
   * @param logits [N, C]
   * @param labels N class indices
   */
  default void update(Logits logits, int... labels) {
    update(EvaluationBatch.of(logits, labels));
  }

  /**
   * Adds everything that another accumulator has seen.
   *
   * @param other an accumulator begun by an equal evaluator; not modified
   * @throws IllegalArgumentException if it is of another type or has other settings
   */
  void merge(Accumulator<R> other);

  /**
   * Computes the result so far; more batches may follow.
   *
   * @return the result
   * @throws IllegalStateException if no image was seen
   */
  R compute();

  /**
   * Captures everything seen so far.
   *
   * @return a detached state
   * @throws UnsupportedOperationException by default, in which case the accumulator can be used in
   *     one process only
   */
  @Override
  default State captureState() {
    throw new UnsupportedOperationException(
        getClass().getName() + " cannot be sent to another process: it has no captureState");
  }

  /**
   * Replaces everything seen so far.
   *
   * @param state the captured state of an accumulator that an equal evaluator began
   * @throws IllegalArgumentException if it is the state of one with other settings
   * @throws UnsupportedOperationException by default
   */
  @Override
  default void restoreState(State state) {
    throw new UnsupportedOperationException(
        getClass().getName() + " cannot be sent to another process: it has no restoreState");
  }
}
