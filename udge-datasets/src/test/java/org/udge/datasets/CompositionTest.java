package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.data.Augmentation;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.data.TrainingData;
import org.udge.datasets.synthetic.FractalImages;
import org.udge.datasets.synthetic.PixMix;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.CrossEntropy;
import org.udge.loss.EnergyDiscrepancy;
import org.udge.loss.EnergyMargin;
import org.udge.loss.LossTerm;
import org.udge.loss.MarginalSGLD;
import org.udge.loss.RegMixup;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.published.PublishedHabit;
import org.udge.random.RandomStreams;
import org.udge.sampling.Langevin;
import org.udge.sampling.Replay;
import org.udge.state.State;
import org.udge.training.DivergenceGuard;
import org.udge.training.LearningRate;
import org.udge.training.Objective;
import org.udge.training.SharpnessAware;
import org.udge.training.StepReport;
import org.udge.training.Trainer;
import org.udge.training.TrainingControl;
import org.udge.training.TrainingListener;
import org.udge.training.TrainingSession;
import org.udge.training.WeightAveraging;

/**
 * Whatever changes training composes with every way to train: each pair does something, gives the
 * same bits with prefetching, and the same bits where it is broken off and gone on with.
 */
class CompositionTest {

  private static final ImageShape SHAPE = new ImageShape(3, 8, 8);
  private static final RandomStreams STREAMS = RandomStreams.of(4);
  private static final ImageSource IMAGES = images();
  private static final ImageSource FRACTALS = FractalImages.of(SHAPE, 12, STREAMS);

  /** 4 steps an epoch. */
  private static final int BATCH = 6;

  private static ImageSource images() {
    float[] pixels = new float[24 * SHAPE.size()];
    STREAMS.stream("images").fillUniform(pixels, -1, 1);
    int[] labels = IntStream.range(0, 24).map(i -> i % 3).toArray();
    return FloatImages.of("tiny", SHAPE, List.of("a", "b", "c"), pixels, labels);
  }

  /** Something that changes what is learned. */
  private record Feature(
      String name,
      Objective objective,
      Augmentation augmentation,
      UnaryOperator<Trainer.Builder> settings) {

    static Feature of(String name, UnaryOperator<Trainer.Builder> settings) {
      return new Feature(name, crossEntropy(), Augmentation.none(), settings);
    }

    static Feature of(String name, double weight, LossTerm term) {
      return new Feature(name, crossEntropy().plus(weight, term), Augmentation.none(), t -> t);
    }

    static Feature of(String name, Augmentation augmentation) {
      return new Feature(name, crossEntropy(), augmentation, t -> t);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** How it is trained. */
  private record Way(String name, Norm norm, UnaryOperator<Trainer.Builder> settings) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Objective crossEntropy() {
    return Objective.of(CrossEntropy.ofDefaults());
  }

  private static List<Feature> features() {
    MarginalSGLD sampled =
        MarginalSGLD.ofDefaults()
            .withLangevin(Langevin.ofSteps(1))
            .withReplay(Replay.ofSize(12))
            .withBatchSize(3);
    return List.of(
        Feature.of("cosine", t -> t.learningRate(LearningRate.cosine(2e-3, 8))),
        Feature.of("one cycle", t -> t.learningRate(LearningRate.oneCycle(2e-3, 8))),
        Feature.of(
            "exponential average", t -> t.averaging(WeightAveraging.exponential(0.9)).keepLast()),
        Feature.of(
            "stochastic average", t -> t.averaging(WeightAveraging.stochastic(0)).keepLast()),
        Feature.of("cutout", Augmentations.cutout(4)),
        Feature.of("PixMix", PixMix.of(FRACTALS)),
        new Feature(
            "normalized logits",
            Objective.of(CrossEntropy.ofDefaults().withLogitNormalization(0.5)),
            Augmentation.none(),
            t -> t),
        Feature.of("RegMixup", 0.5, RegMixup.ofDefaults()),
        Feature.of("energy margin", 0.1, EnergyMargin.of(FRACTALS)),
        Feature.of("energy discrepancy", 1, EnergyDiscrepancy.ofDefaults().withCopies(2)),
        new Feature(
            "all terms with images of their own",
            crossEntropy()
                .plus(0.5, RegMixup.ofDefaults())
                .plus(0.1, EnergyMargin.of(FRACTALS).withBatchSize(4))
                .plus(0.1, EnergyDiscrepancy.ofDefaults().withCopies(1))
                .plus(0.1, sampled)
                .plus(ConditionalContrastive.ofDefaults()),
            PixMix.of(FRACTALS).then(Augmentations.cutout(3)),
            t ->
                t.averaging(WeightAveraging.exponential(0.9))
                    .keepLast()
                    .learningRate(LearningRate.cosine(2e-3, 8).withWarmUp(2))));
  }

  private static List<Way> ways() {
    return List.of(
        new Way("plain", Norm.NONE, t -> t),
        new Way("batch normalization", Norm.BATCH, t -> t),
        new Way("accumulation", Norm.BATCH, t -> t.accumulation(2)),
        new Way("sharpness-aware", Norm.BATCH, t -> t.sharpnessAware(new SharpnessAware(0.05))),
        new Way("guarded", Norm.NONE, t -> t.guard(DivergenceGuard.ofDefaults()).snapshotEvery(2)),
        new Way(
            "separate passes",
            Norm.BATCH,
            t -> t.published(java.util.Set.of(PublishedHabit.SEPARATE_PASSES))),
        new Way("unlabeled images", Norm.NONE, t -> t.unlabeled(batches(Augmentation.none(), 9))),
        new Way("last layer", Norm.NONE, t -> t.trainedLayers("class_output")));
  }

  static Stream<Arguments> pairs() {
    return ways().stream()
        .flatMap(way -> features().stream().map(feature -> Arguments.of(feature, way)));
  }

  private static TrainingData batches(Augmentation augmentation, long seed) {
    return ShuffledBatches.builder(IMAGES, BATCH, RandomStreams.of(seed))
        .augmentation(augmentation)
        .build();
  }

  private static EnergyModel model(Norm norm) {
    return EnergyModel.builder(WideResNet.of(10, 1).withNorm(norm).withDropout(0.1))
        .shape(SHAPE)
        .classes(3)
        .build();
  }

  private static Trainer.Builder trainer(EnergyModel model, Feature feature, Way way) {
    Trainer.Builder settings =
        Trainer.builder(model, feature.objective)
            .learningRate(LearningRate.constant(1e-3))
            .validation(IMAGES)
            .epochs(2);
    return feature.settings.apply(way.settings.apply(settings));
  }

  private static INDArray trained(
      Feature feature, Way way, TrainingData data, Optional<State> from) {
    try (EnergyModel model = model(way.norm)) {
      TrainingSession session = trainer(model, feature, way).build().begin();
      from.ifPresent(session::restoreState);
      assertThat(session.run(data).steps()).isEqualTo(8);
      return model.graph().params().dup();
    }
  }

  private static State brokenOff(Feature feature, Way way, TrainingData data) {
    List<State> states = new ArrayList<>();
    TrainingListener stopping =
        new TrainingListener() {
          private Optional<TrainingSession> running = Optional.empty();

          @Override
          public void onStart(TrainingSession session, long epochs, int stepsPerEpoch) {
            running = Optional.of(session);
          }

          @Override
          public void onStep(StepReport report, TrainingControl control) {
            if (report.step() == 6) {
              states.add(running.orElseThrow().captureState());
              control.requestStop();
            }
          }
        };
    try (EnergyModel model = model(way.norm)) {
      assertThat(trainer(model, feature, way).listener(stopping).build().fit(data).steps())
          .isEqualTo(6);
    }
    return states.get(0);
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("pairs")
  void composes(Feature feature, Way way) {
    TrainingData data = batches(feature.augmentation, 5);
    INDArray whole = trained(feature, way, data, Optional.empty());
    assertThat(whole.toFloatVector()).doesNotContain(Float.NaN);
    Feature nothing = Feature.of("nothing", UnaryOperator.<Trainer.Builder>identity());
    assertThat(whole)
        .as("with and without")
        .isNotEqualTo(trained(nothing, way, batches(Augmentation.none(), 5), Optional.empty()));
    try (PrefetchingData prefetched = PrefetchingData.of(data, 2)) {
      State state = brokenOff(feature, way, prefetched);
      assertThat(trained(feature, way, prefetched, Optional.of(state)))
          .as("broken off and gone on with, prefetched")
          .isEqualTo(whole);
    }
  }
}
