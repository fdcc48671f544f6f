package org.udge.evaluation.calibration;

import org.udge.engine.Logits;
import org.udge.evaluation.LabeledLogits;
import org.udge.internal.DoubleList;
import org.udge.state.State;
import org.udge.state.Stateful;

/** How sure of the predicted class, and whether it was right, image by image. */
final class TopLabels implements Stateful {

  private final DoubleList confidences = new DoubleList();
  private final DoubleList right = new DoubleList();

  static TopLabels of(LabeledLogits set) {
    TopLabels all = new TopLabels();
    all.add(set.logits(), set);
    return all;
  }

  /**
   * Takes images in.
   *
   * @param logits theirs, or what a calibration made of them
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

  /** In [0, 1]; a copy. */
  double[] confidences() {
    return confidences.toArray();
  }

  /** 1 where right, 0 elsewhere; a copy. */
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
