package org.udge.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.udge.EnergyModel;
import org.udge.loss.CrossEntropy;
import org.udge.network.ActNormalization;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.state.State;

class TrainedLayersTest {

  private static final String LAST = "class_output";

  private final TinyData data = new TinyData(60, 12);

  private static EnergyModel model(Norm norm) {
    return EnergyModel.builder(WideResNet.of(10, 1).withNorm(norm))
        .shape(TinyData.SHAPE)
        .classes(TinyData.CLASSES)
        .build();
  }

  private static Trainer.Builder trainer(EnergyModel model) {
    return Trainer.builder(model, Objective.of(CrossEntropy.ofDefaults()))
        .optimizer(Optimizer.adam().withWeightDecay(0.1))
        .learningRate(LearningRate.constant(1e-2))
        .epochs(2);
  }

  /** Parameters of all layers but the last, or of the last. */
  private static INDArray parameters(EnergyModel model, boolean last) {
    INDArray all = model.graph().params().reshape(model.graph().numParams());
    long first = all.length() - model.graph().getLayer(LAST).numParams();
    return all.get(
            last ? NDArrayIndex.interval(first, all.length()) : NDArrayIndex.interval(0, first))
        .dup();
  }

  @ParameterizedTest
  @EnumSource(
      value = Norm.class,
      names = {"NONE", "INSTANCE"})
  void the_others_stay_whatever_the_optimizer_would_do(Norm norm) {
    for (Optimizer optimizer :
        List.of(
            Optimizer.adam().withWeightDecay(0.1),
            Optimizer.sgd().withMomentum(0.9),
            Optimizer.ofGraph())) {
      try (EnergyModel model = model(norm)) {
        INDArray others = parameters(model, false);
        INDArray last = parameters(model, true);
        trainer(model).optimizer(optimizer).trainedLayers(LAST).build().fit(data);
        assertThat(parameters(model, false)).isEqualTo(others);
        assertThat(parameters(model, true)).isNotEqualTo(last);
      }
    }
  }

  @Test
  void a_state_is_gone_on_with_though_the_model_was_another() {
    State state;
    INDArray others;
    try (EnergyModel model = model(Norm.NONE)) {
      TrainingSession whole = trainer(model).epochs(1).build().begin();
      whole.run(data);
      others = parameters(model, false);
      state = whole.captureState();
    }
    try (EnergyModel other =
        EnergyModel.builder(WideResNet.of(10, 1))
            .shape(TinyData.SHAPE)
            .classes(TinyData.CLASSES)
            .seed(77)
            .build()) {
      TrainingSession session = trainer(other).trainedLayers(LAST).build().begin();
      session.restoreState(state);
      session.run(data);
      assertThat(parameters(other, false)).isEqualTo(others);
    }
  }

  @Test
  void running_statistics_move_with_every_pass() {
    INDArray all;
    try (EnergyModel model = model(Norm.BATCH)) {
      trainer(model).epochs(1).learningRate(LearningRate.constant(1e-12)).build().fit(data);
      all = model.graph().getLayer("bn1").getParam("mean").dup();
    }
    try (EnergyModel model = model(Norm.BATCH)) {
      INDArray before = model.graph().getLayer("bn1").getParam("mean").dup();
      INDArray gamma = model.graph().getLayer("bn1").getParam("gamma").dup();
      trainer(model)
          .epochs(1)
          .learningRate(LearningRate.constant(1e-12))
          .trainedLayers(LAST)
          .build()
          .fit(data);
      INDArray after = model.graph().getLayer("bn1").getParam("mean");
      assertThat(after).isNotEqualTo(before);
      assertThat(after.distance2(all) / all.norm2Number().doubleValue()).isLessThan(1e-5);
      assertThat(model.graph().getLayer("bn1").getParam("gamma")).isEqualTo(gamma);
    }
  }

  @Test
  void act_norm_is_initialized_and_stays_so() {
    try (EnergyModel model = model(Norm.ACT)) {
      assertThat(ActNormalization.isInitialized(model.graph())).isFalse();
      trainer(model).trainedLayers(LAST).build().fit(data);
      assertThat(ActNormalization.isInitialized(model.graph())).isTrue();
    }
  }

  @Test
  void sharpness_aware_climbs_leave_the_others_alone() {
    try (EnergyModel model = model(Norm.NONE)) {
      INDArray others = parameters(model, false);
      trainer(model).sharpnessAware(new SharpnessAware(0.05)).trainedLayers(LAST).build().fit(data);
      assertThat(parameters(model, false)).isEqualTo(others);
    }
  }

  @Test
  void refuses_unknown_layers() {
    try (EnergyModel model = model(Norm.NONE)) {
      assertThatThrownBy(() -> trainer(model).trainedLayers("classifier"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(
              "layers to train are [classifier], but the network's layers with parameters are [")
          .hasMessageEndingWith(LAST + "]");
      assertThatThrownBy(() -> trainer(model).trainedLayers())
          .hasMessage("name at least one layer to train");
    }
  }
}
