package org.udge.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.LabeledLogits;
import org.udge.loss.CrossEntropy;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.state.State;

class AveragedWeightsTest {

  private static final int STEPS_PER_EPOCH = 5;

  private final TinyData data = new TinyData(60, 12);

  private static EnergyModel model(Norm norm) {
    return EnergyModel.builder(WideResNet.of(10, 1).withNorm(norm).withDropout(0.2))
        .shape(TinyData.SHAPE)
        .classes(TinyData.CLASSES)
        .build();
  }

  private static Objective crossEntropy() {
    return Objective.of(CrossEntropy.ofDefaults());
  }

  private static Trainer.Builder trainer(EnergyModel model) {
    return Trainer.builder(model, crossEntropy())
        .learningRate(LearningRate.constant(3e-3))
        .epochs(4);
  }

  private static float[] parameters(EnergyModel model) {
    return model.graph().params().dup().data().asFloat();
  }

  private static void assertClose(float[] actual, double[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat((double) actual[i]).isCloseTo(expected[i], within(1e-6));
    }
  }

  @Test
  void an_exponential_average_follows_its_formula_and_leaves_training_alone() {
    try (EnergyModel plain = model(Norm.NONE);
        EnergyModel averaged = model(Norm.NONE)) {
      TrainingSession without = trainer(plain).build().begin();
      TrainingSession with =
          trainer(averaged).averaging(WeightAveraging.exponential(0.2)).build().begin();
      double[] expected = {};
      for (int step = 0; step < 7; step++) {
        without.step(data.batch(0, step % STEPS_PER_EPOCH));
        with.step(data.batch(0, step % STEPS_PER_EPOCH));
        float[] parameters = parameters(plain);
        if (step == 0) {
          expected = new double[parameters.length];
        }
        double old = step == 0 ? 0 : Math.min(0.2, (1.0 + step) / (10.0 + step));
        for (int i = 0; i < expected.length; i++) {
          expected[i] = old * expected[i] + (1 - old) * parameters[i];
        }
        assertThat(parameters(averaged)).isEqualTo(parameters);
        with.showAverage(data);
        assertClose(parameters(averaged), expected);
      }
    }
  }

  @Test
  void a_stochastic_average_is_the_mean_of_the_ends_of_epochs() {
    List<float[]> ends = new ArrayList<>();
    try (EnergyModel plain = model(Norm.NONE);
        EnergyModel averaged = model(Norm.NONE)) {
      trainer(plain).listener(atEpochs(ends)).build().fit(data);
      trainer(averaged).averaging(WeightAveraging.stochastic(1)).build().fit(data);
      double[] mean = new double[ends.get(0).length];
      for (float[] end : ends.subList(1, 4)) {
        for (int i = 0; i < mean.length; i++) {
          mean[i] += end[i] / 3.0;
        }
      }
      assertClose(parameters(averaged), mean);
    }
  }

  private static TrainingListener atEpochs(List<float[]> into) {
    return new TrainingListener() {
      @Override
      public void onEpoch(TrainingSession session, EpochReport report, TrainingControl control) {
        into.add(parameters(session.model()));
      }
    };
  }

  @Test
  void before_the_first_average_the_parameters_in_training_are_judged() {
    List<float[]> plain = new ArrayList<>();
    List<float[]> averaged = new ArrayList<>();
    try (EnergyModel one = model(Norm.BATCH);
        EnergyModel other = model(Norm.BATCH)) {
      trainer(one).listener(atEpochs(plain)).build().fit(data);
      trainer(other)
          .averaging(WeightAveraging.stochastic(2))
          .listener(atEpochs(averaged))
          .build()
          .fit(data);
    }
    assertThat(averaged.get(0)).isEqualTo(plain.get(0));
    assertThat(averaged.get(1)).isEqualTo(plain.get(1));
    assertThat(averaged.get(3)).isNotEqualTo(plain.get(3));
  }

  @Test
  void every_accumulated_update_enters_the_average_once() {
    try (EnergyModel model = model(Norm.NONE)) {
      TrainingSession session =
          trainer(model).accumulation(2).averaging(WeightAveraging.exponential(0)).build().begin();
      session.step(data.batch(0, 0));
      float[] before = parameters(model);
      session.showAverage(data);
      assertThat(parameters(model)).isEqualTo(before);
      session.step(data.batch(0, 1));
      assertThat(session.captureState().getState("averagedWeights").getLong("count")).isEqualTo(1);
    }
  }

  /** Normalizes the images themselves, so that what statistics have to be is known. */
  private static EnergyModel normalizing(EngineChoice engine, boolean logarithmic) {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .activation(Activation.IDENTITY)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                    "norm",
                    new BatchNormalization.Builder().decay(0.8).useLogStd(logarithmic).build(),
                    "in")
                .addLayer(
                    "out",
                    new OutputLayer.Builder()
                        .nOut(TinyData.CLASSES)
                        .activation(Activation.SOFTMAX)
                        .lossFunction(LossFunction.MCXENT)
                        .build(),
                    "norm")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(8, 8, 3))
                .build());
    graph.init();
    return EnergyModel.builder(graph)
        .shape(TinyData.SHAPE)
        .engine(EngineSettings.of(engine))
        .build();
  }

  @ParameterizedTest
  @CsvSource({"GRAPH, false, 3", "GRAPH, true, 3", "AUTO, false, 50", "AUTO, true, 2"})
  void running_statistics_of_the_average_are_means_over_training_batches(
      EngineChoice engine, boolean logarithmic, int batches) {
    try (EnergyModel model = normalizing(engine, logarithmic)) {
      TrainingSession session =
          trainer(model)
              .averaging(WeightAveraging.exponential(0.9).withStatisticsBatches(batches))
              .build()
              .begin();
      session.step(data.batch(0, 0));
      session.step(data.batch(0, 1));
      float[] own = parameters(model);
      session.showAverage(data);
      double[] expected = new double[6];
      int used = Math.min(batches, STEPS_PER_EPOCH);
      for (int i = 0; i < used; i++) {
        try (Batch batch = data.batch(0, i)) {
          for (int channel = 0; channel < 3; channel++) {
            INDArray pixels = batch.images().slice(channel, 1).castTo(DataType.DOUBLE);
            expected[channel] += pixels.meanNumber().doubleValue() / used;
            expected[3 + channel] +=
                pixels.varNumber().doubleValue() * (pixels.length() - 1.0) / pixels.length() / used;
          }
        }
      }
      var layer = model.graph().getLayer("norm");
      INDArray variance =
          logarithmic
              ? Transforms.exp(
                  layer
                      .getParam(BatchNormalizationParamInitializer.GLOBAL_LOG_STD)
                      .mul(2 * Math.log(10)))
              : layer.getParam(BatchNormalizationParamInitializer.GLOBAL_VAR);
      double[] actual = new double[6];
      for (int channel = 0; channel < 3; channel++) {
        actual[channel] =
            layer.getParam(BatchNormalizationParamInitializer.GLOBAL_MEAN).getDouble(channel);
        actual[3 + channel] = variance.getDouble(channel);
      }
      assertThat(actual).containsExactly(expected, within(1e-5));
      assertThat(session.captureState().getFloats("parameters")).isEqualTo(own);
    }
  }

  @Test
  void validation_the_best_epoch_and_the_saved_model_are_of_the_average(@TempDir Path folder)
      throws IOException {
    List<float[]> shown = new ArrayList<>();
    try (EnergyModel model = model(Norm.BATCH)) {
      TrainingResult result =
          trainer(model)
              .averaging(WeightAveraging.exponential(0.9))
              .validation(data)
              .keepBest("validation/nll")
              .listener(atEpochs(shown))
              .listener(Checkpoints.in(folder).best("validation/nll").build())
              .build()
              .fit(data);
      int best = (int) result.bestEpoch().orElseThrow();
      assertThat(parameters(model)).isEqualTo(shown.get(best));
      double nll =
          LabeledLogits.of(model, data).evaluate(ClassificationEvaluator.ofDefaults()).nll();
      assertThat(result.history().get(best).validation().orElseThrow().nll()).isEqualTo(nll);
      try (EnergyModel saved = EnergyModel.load(folder.resolve(Checkpoints.MODEL))) {
        assertThat(parameters(saved)).isEqualTo(shown.get(best));
      }
    }
  }

  static Stream<Arguments> ways() {
    List<WeightAveraging> averages =
        List.of(WeightAveraging.exponential(0.9), WeightAveraging.stochastic(1));
    return averages.stream()
        .flatMap(
            average ->
                Stream.of(
                    way("plain", Norm.BATCH, average, t -> t),
                    way("without normalization", Norm.NONE, average, t -> t),
                    way("accumulating", Norm.BATCH, average, t -> t.accumulation(2)),
                    way(
                        "sharpness-aware",
                        Norm.BATCH,
                        average,
                        t -> t.sharpnessAware(new SharpnessAware(0.05))),
                    way(
                        "guarded",
                        Norm.BATCH,
                        average,
                        t -> t.guard(DivergenceGuard.ofDefaults()).snapshotEvery(2).keepLast()),
                    way(
                        "best by likelihood",
                        Norm.BATCH,
                        average,
                        t -> t.keepBest("validation/nll"))));
  }

  private static Arguments way(
      String name, Norm norm, WeightAveraging average, UnaryOperator<Trainer.Builder> settings) {
    return Arguments.of(
        name + ", " + average,
        norm,
        (UnaryOperator<Trainer.Builder>) t -> settings.apply(t.averaging(average)));
  }

  private record Outcome(INDArray parameters, List<Object> history, Object best) {}

  private Outcome outcome(EnergyModel model, TrainingResult result) {
    List<Object> history = new ArrayList<>();
    for (EpochReport report : result.history()) {
      history.add(List.of(report.epoch(), report.loss(), report.values(), report.validation()));
    }
    return new Outcome(model.graph().params().dup(), history, result.bestEpoch());
  }

  private TrainingListener capturing(List<State> into, long step, boolean stop) {
    AtomicBoolean armed = new AtomicBoolean(true);
    return new TrainingListener() {
      private TrainingSession running;

      @Override
      public void onStart(TrainingSession session, long epochs, int stepsPerEpoch) {
        running = session;
      }

      @Override
      public void onStep(StepReport report, TrainingControl control) {
        if (report.step() == step && armed.getAndSet(false)) {
          into.add(running.captureState());
          if (stop) {
            control.requestStop();
          }
        }
      }
    };
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ways")
  void a_run_that_goes_on_has_the_same_bits(
      String name, Norm norm, UnaryOperator<Trainer.Builder> settings) {
    Outcome whole;
    try (EnergyModel model = model(norm)) {
      whole = outcome(model, settings.apply(trainer(model).validation(data)).build().fit(data));
    }
    for (long step : new long[] {2, 10, 12, 20}) {
      List<State> states = new ArrayList<>();
      try (EnergyModel model = model(norm)) {
        settings
            .apply(trainer(model).validation(data))
            .listener(capturing(states, step, true))
            .build()
            .fit(data);
      }
      try (EnergyModel model = model(norm)) {
        TrainingSession session = settings.apply(trainer(model).validation(data)).build().begin();
        session.restoreState(states.get(0));
        assertThat(outcome(model, session.run(data))).as("after step %s", step).isEqualTo(whole);
      }
    }
  }

  @Test
  void refuses_states_of_other_averages() {
    try (EnergyModel model = model(Norm.NONE)) {
      TrainingSession plain = trainer(model).build().begin();
      TrainingSession averaged =
          trainer(model).averaging(WeightAveraging.exponential(0.9)).build().begin();
      plain.step(data.batch(0, 0));
      averaged.step(data.batch(0, 0));
      State withAverage = averaged.captureState();
      State without = plain.captureState();
      assertThatThrownBy(() -> plain.restoreState(withAverage))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the state is of a run with averaged weights, this trainer has none");
      assertThatThrownBy(() -> averaged.restoreState(without))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the state is of a run without averaged weights, this trainer has"
                  + " WeightAveraging[exponential, decay=0.9, statisticsBatches=50]");
    }
  }

  @Test
  void refuses_bad_settings() {
    assertThatThrownBy(() -> WeightAveraging.exponential(1))
        .hasMessage("the decay of an average must be in [0, 1), was 1.0");
    assertThatThrownBy(() -> WeightAveraging.stochastic(-1))
        .hasMessage("the first epoch of an average must not be negative, was -1");
    assertThatThrownBy(() -> WeightAveraging.stochastic(1).withStatisticsBatches(0))
        .hasMessage("batches for statistics must be at least 1, were 0");
  }

  @Test
  void equal_settings_are_equal() {
    assertThat(WeightAveraging.exponential(0.9))
        .isEqualTo(WeightAveraging.exponential(0.9))
        .hasSameHashCodeAs(WeightAveraging.exponential(0.9))
        .isNotEqualTo(WeightAveraging.exponential(0.8))
        .isNotEqualTo(WeightAveraging.stochastic(0));
    assertThat(WeightAveraging.stochastic(3).withStatisticsBatches(7))
        .hasToString("WeightAveraging[stochastic, firstEpoch=3, statisticsBatches=7]");
  }
}
