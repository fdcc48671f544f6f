package org.udge.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.engine.Logits;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.CrossEntropy;
import org.udge.loss.ImageGroup;
import org.udge.loss.LossInput;
import org.udge.loss.LossSetup;
import org.udge.loss.LossTerm;
import org.udge.loss.LossValue;
import org.udge.loss.MarginalContrastive;
import org.udge.loss.MarginalSGLD;
import org.udge.loss.OwnImages;
import org.udge.loss.RegMixup;
import org.udge.loss.SampleContext;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.published.PublishedHabit;
import org.udge.sampling.Langevin;

/**
 * Running statistics in training. The network normalizes the images themselves, so what its running
 * statistics have to be follows from the images: r = .8 r + .2 batch for each pass in training
 * mode.
 */
class BatchNormTrainingTest {

  private static final double DECAY = 0.8;

  private final TinyData data = new TinyData(60, 12);

  private static ComputationGraph graph(Layer normalization) {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .activation(Activation.IDENTITY)
                .graphBuilder()
                .addInputs("in")
                .addLayer("norm", normalization, "in")
                .addLayer("hidden", new DenseLayer.Builder().nOut(5).build(), "norm")
                .addLayer(
                    "out",
                    new OutputLayer.Builder()
                        .nOut(TinyData.CLASSES)
                        .activation(Activation.SOFTMAX)
                        .lossFunction(LossFunction.MCXENT)
                        .build(),
                    "hidden")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(8, 8, 3))
                .build());
    graph.init();
    return graph;
  }

  private static BatchNormalization batchNorm() {
    return new BatchNormalization.Builder().decay(DECAY).useLogStd(false).build();
  }

  private static EnergyModel model(EngineChoice engine) {
    return EnergyModel.builder(graph(batchNorm()))
        .shape(TinyData.SHAPE)
        .engine(EngineSettings.of(engine))
        .build();
  }

  private static Trainer.Builder trainer(EnergyModel model, Objective objective) {
    return Trainer.builder(model, objective)
        .optimizer(Optimizer.adam().withWeightDecay(0.1))
        .learningRate(LearningRate.constant(0.01));
  }

  private static Objective crossEntropy() {
    return Objective.of(CrossEntropy.ofDefaults());
  }

  private Batch batch(int index) {
    return data.batch(0, index);
  }

  /** What running means and variances have to be after passes over these batches. */
  private static double[] expected(List<Batch> passes) {
    double[] statistics = {0, 0, 0, 1, 1, 1};
    for (Batch batch : passes) {
      for (int channel = 0; channel < 3; channel++) {
        INDArray pixels = batch.images().slice(channel, 1).castTo(DataType.DOUBLE);
        double mean = pixels.meanNumber().doubleValue();
        double variance = pixels.varNumber().doubleValue();
        double count = pixels.length();
        statistics[channel] += (1 - DECAY) * (mean - statistics[channel]);
        // Of the batch itself: the sum of squares is divided by the count.
        statistics[3 + channel] +=
            (1 - DECAY) * (variance * (count - 1) / count - statistics[3 + channel]);
      }
    }
    return statistics;
  }

  private static double[] statistics(EnergyModel model) {
    var layer = model.graph().getLayer("norm");
    return Nd4j.concat(
            0,
            layer.getParam(BatchNormalizationParamInitializer.GLOBAL_MEAN).reshape(3),
            layer.getParam(BatchNormalizationParamInitializer.GLOBAL_VAR).reshape(3))
        .toDoubleVector();
  }

  private static void assertStatistics(EnergyModel model, List<Batch> passes) {
    assertThat(statistics(model)).containsExactly(expected(passes), within(1e-5));
  }

  @ParameterizedTest
  @EnumSource(
      value = EngineChoice.class,
      names = {"GRAPH", "AUTO"})
  void each_accumulated_step_is_one_move_of_running_statistics(EngineChoice engine) {
    for (Optimizer optimizer :
        List.of(Optimizer.adam().withWeightDecay(0.1), Optimizer.ofGraph())) {
      try (EnergyModel model = model(engine)) {
        TrainingSession session =
            trainer(model, crossEntropy()).optimizer(optimizer).accumulation(4).build().begin();
        List<Batch> passes = new ArrayList<>();
        for (int step = 0; step < 8; step++) {
          passes.add(batch(step % 5));
          session.step(passes.get(step));
          assertStatistics(model, passes);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = EngineChoice.class,
      names = {"GRAPH", "AUTO"})
  void accumulation_gives_the_same_statistics_as_as_many_updates_that_change_no_weight(
      EngineChoice engine) {
    WideResNet network = WideResNet.of(10, 1).withNorm(Norm.BATCH);
    List<INDArray> results = new ArrayList<>();
    for (int accumulation : new int[] {1, 5}) {
      try (EnergyModel model =
          EnergyModel.builder(network)
              .shape(TinyData.SHAPE)
              .classes(TinyData.CLASSES)
              .engine(EngineSettings.of(engine))
              .build()) {
        INDArray before = model.graph().params().dup();
        TrainingSession session =
            Trainer.builder(model, crossEntropy())
                .optimizer(Optimizer.sgd())
                .learningRate(LearningRate.constant(1e-30))
                .accumulation(accumulation)
                .build()
                .begin();
        for (int step = 0; step < 5; step++) {
          session.step(batch(step));
        }
        results.add(model.graph().params().sub(before));
      }
    }
    assertThat(results.get(0).amaxNumber().doubleValue()).isGreaterThan(0.1);
    assertThat(results.get(0).sub(results.get(1)).amaxNumber().doubleValue()).isLessThan(1e-5);
  }

  @ParameterizedTest
  @EnumSource(
      value = EngineChoice.class,
      names = {"GRAPH", "AUTO"})
  void labeled_and_unlabeled_images_move_running_statistics_one_after_the_other(
      EngineChoice engine) {
    Objective objective = crossEntropy().plus(MarginalContrastive.ofDefaults());
    try (EnergyModel model = model(engine)) {
      TrainingSession session = trainer(model, objective).build().begin();
      session.step(batch(0), batch(1));
      session.step(batch(2), batch(3));
      assertStatistics(model, List.of(batch(0), batch(1), batch(2), batch(3)));
    }
  }

  @Test
  void generated_images_move_nothing() {
    Objective objective =
        crossEntropy()
            .plus(MarginalSGLD.ofDefaults().withLangevin(Langevin.ofSteps(1)).withBatchSize(4));
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      TrainingSession session = trainer(model, objective).build().begin();
      session.step(batch(0));
      session.step(batch(1));
      assertStatistics(model, List.of(batch(0), batch(1)));
    }
  }

  /** Shows the labeled images once more as its own, and keeps the logits of both. */
  private record Again(boolean likeData, List<Logits> labeled, List<Logits> own)
      implements LossTerm {
    @Override
    public String name() {
      return "again_" + likeData;
    }

    @Override
    public Set<ImageGroup> groups() {
      return Set.of(ImageGroup.LABELED, ImageGroup.OWN);
    }

    @Override
    public org.udge.loss.LossFunction begin(LossSetup setup) {
      return new org.udge.loss.LossFunction() {
        @Override
        public Optional<OwnImages> ownImages(SampleContext context) {
          Batch copy = Batch.unlabeled(context.labeled().images().dup());
          return Optional.of(likeData ? OwnImages.likeData(copy) : OwnImages.unlikeData(copy));
        }

        @Override
        public LossValue evaluate(LossInput input) {
          labeled.add(input.logits(ImageGroup.LABELED));
          own.add(input.logits(ImageGroup.OWN));
          return LossValue.of(0);
        }
      };
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = EngineChoice.class,
      names = {"GRAPH", "AUTO"})
  void own_images_are_normalized_as_they_say_and_move_nothing(EngineChoice engine) {
    Again like = new Again(true, new ArrayList<>(), new ArrayList<>());
    Again unlike = new Again(false, new ArrayList<>(), new ArrayList<>());
    try (EnergyModel model = model(engine)) {
      TrainingSession session =
          trainer(model, crossEntropy().plus(like).plus(unlike).plus(RegMixup.ofDefaults()))
              .build()
              .begin();
      session.step(batch(0));
      session.step(batch(1));
      assertStatistics(model, List.of(batch(0), batch(1)));
    }
    assertThat(like.own()).isEqualTo(like.labeled());
    assertThat(unlike.own().get(0)).isNotEqualTo(unlike.labeled().get(0));
  }

  @Test
  void separate_passes_move_running_statistics_once_for_each_term() {
    Objective objective = crossEntropy().plus(ConditionalContrastive.ofDefaults());
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      TrainingSession session =
          trainer(model, objective)
              .published(Set.of(PublishedHabit.SEPARATE_PASSES))
              .build()
              .begin();
      StepReport report = session.step(batch(0));
      assertThat(report.images()).isEqualTo(24);
      assertStatistics(model, List.of(batch(0), batch(0)));
    }
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      trainer(model, objective).build().begin().step(batch(0));
      assertStatistics(model, List.of(batch(0)));
    }
  }

  @Test
  void sharpness_aware_updates_move_running_statistics_once() {
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      TrainingSession session =
          trainer(model, crossEntropy()).sharpnessAware(new SharpnessAware(0.5)).build().begin();
      session.step(batch(0));
      session.step(batch(1));
      assertStatistics(model, List.of(batch(0), batch(1)));
    }
  }

  /** Not a number at its second evaluation. */
  private record BreaksSecond() implements LossTerm {
    @Override
    public String name() {
      return "breaks_second";
    }

    @Override
    public Set<ImageGroup> groups() {
      return Set.of(ImageGroup.LABELED);
    }

    @Override
    public org.udge.loss.LossFunction begin(LossSetup setup) {
      List<Object> calls = new ArrayList<>();
      return input -> {
        calls.add(input);
        return LossValue.of(calls.size() == 2 ? Double.NaN : 0);
      };
    }
  }

  @Test
  void a_loss_that_breaks_on_the_climb_leaves_running_statistics_as_they_were() {
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      INDArray before = model.graph().params().dup();
      TrainingSession session =
          trainer(model, crossEntropy().plus(new BreaksSecond()))
              .sharpnessAware(new SharpnessAware(0.5))
              .build()
              .begin();
      assertThatThrownBy(() -> session.step(batch(0))).isInstanceOf(NonFiniteLossException.class);
      assertThat(model.graph().params()).isEqualTo(before);
    }
  }

  @Test
  void frozen_layers_keep_parameters_and_running_statistics() {
    for (Layer frozen :
        List.of(new FrozenLayer(batchNorm()), new FrozenLayerWithBackprop(batchNorm()))) {
      ComputationGraph graph = graph(frozen);
      try (EnergyModel model =
          EnergyModel.builder(graph)
              .shape(TinyData.SHAPE)
              .engine(EngineSettings.of(EngineChoice.GRAPH))
              .build()) {
        INDArray before = graph.getLayer("norm").params().dup();
        INDArray others = graph.getLayer("hidden").params().dup();
        trainer(model, crossEntropy()).maxSteps(3).build().fit(data);
        assertThat(graph.getLayer("norm").params()).isEqualTo(before);
        assertThat(graph.getLayer("hidden").params()).isNotEqualTo(others);
      }
    }
  }
}
