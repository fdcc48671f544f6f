package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.engine.Engine;
import org.udge.network.ActNormalization;

/** The model of a run: its flat parameters and gradient, and the engines that must know of both. */
final class TrainedModel {

  private final EnergyModel model;
  private final Optional<Engine> samplingEngine;

  /** The parameters in training, while the model shows others. */
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

  /** Act norm takes its first scale and offset from the first batch of a run. */
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

  /** Not by an operation of ND4J, which would wake its threads for nothing. */
  void clearGradient() {
    Nd4j.getMemoryManager().memset(gradient());
  }

  /** Parameters have changed in place. */
  void changed() {
    model.parametersChanged();
    samplingEngine.ifPresent(Engine::parametersChanged);
  }

  /** The parameters in training, whatever the model shows. */
  float[] copyParameters() {
    return hidden.map(float[]::clone).orElseGet(this::copyShown);
  }

  /** The parameters that the model shows. */
  float[] copyShown() {
    return parameters().dup('c').data().asFloat();
  }

  /** Sets the parameters in training; the model shows them. */
  void setParameters(float[] values) {
    checkArgument(
        values.length == parameters().length(),
        "the state has %s parameters, the model %s",
        values.length,
        parameters().length());
    hidden = Optional.empty();
    assign(values);
  }

  /** Shows other parameters, until {@link #hide}; those in training are kept. */
  void show(float[] values) {
    float[] own = copyParameters();
    assign(values);
    hidden = Optional.of(own);
  }

  /** Shows the parameters in training again. */
  void hide() {
    hidden.ifPresent(this::setParameters);
  }

  private void assign(float[] values) {
    parameters().assign(Nd4j.createFromArray(values));
    changed();
  }
}
