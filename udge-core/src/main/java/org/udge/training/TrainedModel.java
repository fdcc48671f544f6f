package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.engine.Engine;
import org.udge.network.ActNormalization;

/**
 * The model of a run: its flat parameters and gradient, and the engines that must be notified of
 * changes.
 */
final class TrainedModel {

  private final EnergyModel model;
  private final Optional<Engine> samplingEngine;

  /** The parameters in training, while the model uses others. */
  private Optional<float[]> hidden = Optional.empty();

  TrainedModel(EnergyModel model, Optional<Engine> samplingEngine) {
    this.model = model;
    this.samplingEngine = samplingEngine;
  }

  EnergyModel model() {
    return model;
  }

  Engine samplingEngine() {
    return samplingEngine.orElse(model.engine());
  }

  /** Initializes act norm: its scale and offset are computed from the first batch of a run. */
  void initialize(Batch first) {
    if (!ActNormalization.isInitialized(model.graph())) {
      ActNormalization.initialize(model.graph(), first.images());
      changed();
    }
  }

  INDArray parameters() {
    return model.graph().params();
  }

  INDArray gradient() {
    return model.graph().getGradientsViewArray();
  }

  /** Clears the gradient without an ND4J operation, which would wake its threads for nothing. */
  void clearGradient() {
    Nd4j.getMemoryManager().memset(gradient());
  }

  /** Called after the parameters were changed in place. */
  void changed() {
    model.parametersChanged();
    samplingEngine.ifPresent(Engine::parametersChanged);
  }

  /** Returns the parameters in training, whichever the model uses. */
  float[] copyParameters() {
    return hidden.map(float[]::clone).orElseGet(this::copyShown);
  }

  /** Returns the parameters that the model uses. */
  float[] copyShown() {
    return parameters().dup('c').data().asFloat();
  }

  /** Sets the parameters in training, and makes the model use them. */
  void setParameters(float[] values) {
    checkArgument(
        values.length == parameters().length(),
        "the state has %s parameters, the model %s",
        values.length,
        parameters().length());
    hidden = Optional.empty();
    assign(values);
  }

  /** Makes the model use other parameters, until {@link #hide}; those in training are kept. */
  void show(float[] values) {
    float[] own = copyParameters();
    assign(values);
    hidden = Optional.of(own);
  }

  /** Makes the model use the parameters in training again. */
  void hide() {
    hidden.ifPresent(this::setParameters);
  }

  private void assign(float[] values) {
    parameters().assign(Nd4j.createFromArray(values));
    changed();
  }
}
