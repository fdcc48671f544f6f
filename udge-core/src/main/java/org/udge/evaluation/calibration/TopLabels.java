package org.udge.evaluation.calibration;

import org.udge.engine.Logits;
import org.udge.evaluation.LabeledLogits;
import org.udge.internal.DoubleList;
import org.udge.state.State;
import org.udge.state.Stateful;

/** The confidence of the predicted class and its correctness, for each image. */
final class TopLabels implements Stateful {

  private final DoubleList confidences = new DoubleList();
  private final DoubleList right = new DoubleList();

  static TopLabels of(LabeledLogits set) {
    TopLabels all = new TopLabels();
    all.add(set.logits(), set);
    return all;
  }

  /**
   * Adds images.
   *
   * @param logits the logits of the images, possibly calibrated
   */
  void add(Logits logits, LabeledLogits given) {
    for (int i = 0; i < given.size(); i++) {
      int predicted = logits.argMax(i);
      add(logits.probabilities(i)[predicted], predicted == given.label(i));
    }
  }

  void add(double confidence, boolean isRight) {
    confidences.add(confidence);
    right.add(isRight ? 1 : 0);
  }

  void addAll(TopLabels other) {
    confidences.addAll(other.confidences);
    right.addAll(other.right);
  }

  int size() {
    return right.size();
  }

  /** Returns the confidences, in [0, 1]; a copy. */
  double[] confidences() {
    return confidences.toArray();
  }

  /** Returns 1 for correct images and 0 for others; a copy. */
  double[] right() {
    return right.toArray();
  }

  @Override
  public State captureState() {
    return State.builder().put("confidences", confidences()).put("right", right()).build();
  }

  @Override
  public void restoreState(State state) {
    confidences.setAll(state.getDoubles("confidences"));
    right.setAll(state.getDoubles("right"));
  }
}
