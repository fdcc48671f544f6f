package org.udge.training;

import org.udge.state.State;

/**
 * The best epoch so far.
 *
 * @param epoch from 0
 * @param accuracy on the validation images
 * @param parameters of the model then, as the one row of a memory that is never changed: states
 *     share it
 */
record BestEpoch(long epoch, double accuracy, float[][] parameters) {

  State capture() {
    return State.builder()
        .put("epoch", epoch)
        .put("accuracy", accuracy)
        .putRows("parameters", parameters)
        .build();
  }

  static BestEpoch restore(State state) {
    return new BestEpoch(
        state.getLong("epoch"), state.getDouble("accuracy"), state.getRows("parameters"));
  }
}
