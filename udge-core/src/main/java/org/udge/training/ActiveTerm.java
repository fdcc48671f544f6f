package org.udge.training;

import org.udge.loss.ImageGroup;
import org.udge.loss.LossFunction;

/** A term within a run. Compared by identity, regardless of how the term defines equality. */
final class ActiveTerm {

  private final Objective.Weighted settings;
  private final LossFunction function;

  ActiveTerm(Objective.Weighted settings, LossFunction function) {
    this.settings = settings;
    this.function = function;
  }

  String name() {
    return settings.term().name();
  }

  double weight() {
    return settings.weight();
  }

  LossFunction function() {
    return function;
  }

  boolean reads(ImageGroup group) {
    return settings.term().groups().contains(group);
  }
}
