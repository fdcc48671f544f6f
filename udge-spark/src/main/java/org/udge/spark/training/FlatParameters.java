package org.udge.spark.training;

import org.nd4j.linalg.factory.Nd4j;
import org.udge.EnergyModel;

/** A model's parameters for sending: all numbers in one array, in the order of the graph. */
final class FlatParameters {

  private FlatParameters() {}

  static float[] copy(EnergyModel model) {
    return model.graph().params().dup('c').data().asFloat();
  }

  /** Sets the parameters, and notifies the model's engine. */
  static void set(EnergyModel model, float[] values) {
    model.graph().params().assign(Nd4j.createFromArray(values));
    model.parametersChanged();
  }
}
