package org.udge.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.Engines;
import org.udge.data.ImageShape;
import org.udge.engine.Engine;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.engine.Logits;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.CrossEntropy;
import org.udge.loss.ImageGroup;
import org.udge.loss.LossFunction;
import org.udge.loss.LossSetup;
import org.udge.loss.LossTerm;
import org.udge.loss.LossValue;
import org.udge.loss.MarginalContrastive;
import org.udge.loss.MarginalSGLD;
import org.udge.loss.NegativeQueueSettings;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.published.PublishedHabit;
import org.udge.sampling.Langevin;
import org.udge.sampling.Replay;
import org.udge.state.State;
import org.udge.state.StateFiles;

class TrainerTest {

  private final TinyData data = new TinyData(60, 12);

  private static EnergyModel model(EngineChoice engine) {
    return model(engine, WideResNet.of(10, 1).withDropout(0.2));
  }

  private static EnergyModel model(EngineChoice engine, WideResNet network) {
    return EnergyModel.builder(network)
        .shape(TinyData.SHAPE)
        .classes(TinyData.CLASSES)
        .engine(EngineSettings.of(engine))
        .build();
  }

  private static Objective hybrid() {
    return Objective.of(CrossEntropy.ofDefaults())
        .plus(
            0.5,
            ConditionalContrastive.ofDefaults()
                .withQueue(NegativeQueueSettings.ofDefaults().withCapacity(50)))
        .plus(0.1, MarginalSGLD.ofDefaults().withLangevin(Langevin.ofSteps(2)).withBatchSize(4));
  }

  private static Trainer.Builder trainer(EnergyModel model, Objective objective) {
    return Trainer.builder(model, objective).learningRate(LearningRate.constant(3e-3)).seed(3);
  }

  @Test
  void learns() {
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      TrainingResult result =
          trainer(model, Objective.of(CrossEntropy.ofDefaults()))
              .epochs(8)
              .validation(data)
              .build()
              .fit(data);
      assertThat(result.stopReason()).isEqualTo(StopReason.EPOCHS_DONE);
      assertThat(result.steps()).isEqualTo(40);
      assertThat(result.history()).hasSize(8);
      EpochReport last = result.history().get(7);
      assertThat(last.loss()).isLessThan(0.7 * result.history().get(0).loss());
      double best = bestAccuracy(result);
      assertThat(best).isGreaterThan(0.8);
      assertThat(accuracy(model)).isCloseTo(best, within(1e-9));
      assertThat(result.medianStepMilliseconds()).isPositive();
      assertThat(result.provenance().entries()).containsKeys("java", "engine", "version");
    }
  }

  private double accuracy(EnergyModel model) {
    int right = 0;
    for (int i = 0; i < data.size(); i++) {
      right += model.predict(data.read(i).images()).label(0) == i % TinyData.CLASSES ? 1 : 0;
    }
    return right / (double) data.size();
  }

  private INDArray parametersAfter20Steps(EngineChoice engine, long seed) {
    try (EnergyModel model = model(engine)) {
      trainer(model, hybrid()).seed(seed).epochs(4).build().fit(data);
      return model.graph().params().dup();
    }
  }

  @Test
  void a_sampling_engine_of_its_own_sees_the_parameters_as_they_are() {
    INDArray expected = parametersAfter20Steps(EngineChoice.AUTO, 3);
    try (EnergyModel model = model(EngineChoice.AUTO);
        Engine second = Engines.create(model.graph(), EngineSettings.ofDefaults())) {
      trainer(model, hybrid()).epochs(4).samplingEngine(second).build().fit(data);
      assertThat(model.graph().params()).isEqualTo(expected);
    }
  }

  @Test
  void evaluation_in_between_never_changes_training() {
    INDArray without = parametersAfter20Steps(EngineChoice.AUTO, 3);
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      trainer(model, hybrid()).epochs(4).validation(data).keepLast().build().fit(data);
      assertThat(model.graph().params()).isEqualTo(without);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = EngineChoice.class,
      names = {"GRAPH", "AUTO"})
  void restored_runs_go_on_with_the_same_bits(EngineChoice engine) {
    for (Optimizer optimizer :
        List.of(
            Optimizer.adam().withWeightDecay(1e-3),
            Optimizer.sgd().withMomentum(0.9),
            Optimizer.ofGraph())) {
      try (EnergyModel model = model(engine, WideResNet.of(10, 1).withNorm(Norm.BATCH))) {
        TrainingSession session = trainer(model, hybrid()).optimizer(optimizer).build().begin();
        steps(session, 10);
        State snapshot = session.captureState();
        steps(session, 10);
        INDArray expected = model.graph().params().dup();
        session.restoreState(snapshot);
        assertThat(session.steps()).isEqualTo(10);
        steps(session, 10);
        assertThat(model.graph().params()).as(optimizer.toString()).isEqualTo(expected);
      }
    }
  }

  private void steps(TrainingSession session, int count) {
    for (int i = 0; i < count; i++) {
      long step = session.steps();
      session.step(data.batch(step / 5, (int) (step % 5)));
    }
  }

  @Test
  void a_run_resumed_from_a_file_ends_with_the_same_bits(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("run.state");
    INDArray expected;
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      trainer(model, hybrid()).epochs(4).validation(data).build().fit(data);
      expected = model.graph().params().dup();
    }
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      TrainingSession session =
          trainer(model, hybrid())
              .epochs(4)
              .maxSteps(7)
              .validation(data)
              .keepLast()
              .build()
              .begin();
      session.run(data);
      StateFiles.write(session.captureState(), file);
    }
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      TrainingSession session = trainer(model, hybrid()).epochs(4).validation(data).build().begin();
      session.restoreState(StateFiles.read(file));
      TrainingResult result = session.run(data);
      assertThat(result.steps()).isEqualTo(20);
      assertThat(model.graph().params()).isEqualTo(expected);
    }
  }

  @Test
  void accumulated_steps_make_one_update_of_their_mean_gradient() {
    WideResNet network = WideResNet.of(10, 1);
    INDArray expected;
    try (EnergyModel model = model(EngineChoice.AUTO, network)) {
      TrainingSession session =
          trainer(model, Objective.of(CrossEntropy.ofDefaults()))
              .optimizer(Optimizer.sgd())
              .build()
              .begin();
      session.step(data.read(0, 1, 2, 3, 4, 5));
      expected = model.graph().params().dup();
    }
    try (EnergyModel model = model(EngineChoice.AUTO, network)) {
      TrainingSession session =
          trainer(model, Objective.of(CrossEntropy.ofDefaults()))
              .optimizer(Optimizer.sgd())
              .accumulation(2)
              .build()
              .begin();
      INDArray before = model.graph().params().dup();
      session.step(data.read(0, 1, 2));
      assertThat(model.graph().params()).isEqualTo(before);
      assertThatThrownBy(session::captureState)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("after an update only");
      session.step(data.read(3, 4, 5));
      assertThat(model.graph().params().distance2(expected) / expected.distance2(before))
          .isLessThan(1e-4);
    }
  }

  /** Becomes NaN at a step. */
  private record Breaks(int atEvaluation) implements LossTerm {
    @Override
    public String name() {
      return "breaks";
    }

    @Override
    public Set<ImageGroup> groups() {
      return Set.of(ImageGroup.LABELED);
    }

    @Override
    public LossFunction begin(LossSetup setup) {
      List<Object> calls = new ArrayList<>();
      return input -> {
        calls.add(input);
        return LossValue.of(calls.size() == atEvaluation ? Double.NaN : 0);
      };
    }
  }

  @Test
  void the_steps_left_at_an_epochs_end_make_an_update_of_their_own() {
    TinyData threeBatches = new TinyData(36, 12);
    WideResNet network = WideResNet.of(10, 1);
    Objective objective = Objective.of(CrossEntropy.ofDefaults());
    List<Long> capturedAt = new ArrayList<>();
    INDArray expected;
    try (EnergyModel model = model(EngineChoice.AUTO, network)) {
      Trainer.Builder settings = trainer(model, objective).optimizer(Optimizer.sgd());
      TrainingSession two = settings.accumulation(2).build().begin();
      two.step(threeBatches.batch(0, 0));
      two.step(threeBatches.batch(0, 1));
      settings.accumulation(1).build().begin().step(threeBatches.batch(0, 2));
      expected = model.graph().params().dup();
    }
    try (EnergyModel model = model(EngineChoice.AUTO, network)) {
      TrainingResult result =
          trainer(model, objective)
              .optimizer(Optimizer.sgd())
              .accumulation(2)
              .listener(
                  new TrainingListener() {
                    @Override
                    public void onEpoch(
                        TrainingSession session, EpochReport report, TrainingControl control) {
                      capturedAt.add(session.captureState().getLong("steps"));
                    }
                  })
              .build()
              .fit(threeBatches);
      assertThat(result.steps()).isEqualTo(3);
      assertThat(capturedAt).containsExactly(3L);
      assertThat(model.graph().params()).isEqualTo(expected);
    }
  }

  @Test
  void the_best_epoch_is_kept_though_a_listener_asks_to_stop_in_the_last_step() {
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      List<INDArray> atEpoch = new ArrayList<>();
      TrainingResult result =
          trainer(model, hybrid())
              .epochs(3)
              .learningRate(LearningRate.constant(3e-3).withDecay(100, 2))
              .validation(data)
              .listener(
                  new TrainingListener() {
                    @Override
                    public void onEpoch(
                        TrainingSession session, EpochReport report, TrainingControl control) {
                      atEpoch.add(session.model().graph().params().dup());
                      if (report.epoch() == 2) {
                        control.requestStop();
                      }
                    }
                  })
              .build()
              .fit(data);
      assertThat(result.stopReason()).isEqualTo(StopReason.EPOCHS_DONE);
      int best = (int) result.bestEpoch().orElseThrow();
      assertThat(model.graph().params()).isEqualTo(atEpoch.get(best));
      assertThat(best).isLessThan(2);
    }
  }

  @Test
  void a_state_of_another_network_is_refused_before_anything_changes() {
    State foreign;
    try (EnergyModel other = model(EngineChoice.AUTO, WideResNet.of(10, 2))) {
      TrainingSession session = trainer(other, hybrid()).build().begin();
      steps(session, 2);
      foreign = session.captureState();
    }
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      TrainingSession session = trainer(model, hybrid()).build().begin();
      steps(session, 2);
      State before = session.captureState();
      assertThatThrownBy(() -> session.restoreState(foreign))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("parameters, the model");
      assertThat(session.captureState()).isEqualTo(before);
    }
  }

  @Test
  void a_loss_that_is_not_a_number_stops_training_before_it_does_harm() {
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      TrainingSession session =
          trainer(model, Objective.of(CrossEntropy.ofDefaults()).plus(new Breaks(3)))
              .build()
              .begin();
      steps(session, 2);
      INDArray before = model.graph().params().dup();
      assertThatThrownBy(() -> steps(session, 1))
          .isInstanceOf(NonFiniteLossException.class)
          .hasMessageContaining("breaks was NaN at step 3")
          .hasMessageContaining("lower learning rate");
      assertThat(model.graph().params()).isEqualTo(before);
    }
  }

  @Test
  void a_guarded_run_rolls_back_and_completes() {
    List<DivergenceEvent> heard = new ArrayList<>();
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      TrainingResult result =
          trainer(model, Objective.of(CrossEntropy.ofDefaults()).plus(new Breaks(4)))
              .guard(DivergenceGuard.ofDefaults())
              .snapshotEvery(2)
              .listener(
                  new TrainingListener() {
                    @Override
                    public void onRollBack(DivergenceEvent event) {
                      heard.add(event);
                    }
                  })
              .build()
              .fit(data);
      assertThat(result.stopReason()).isEqualTo(StopReason.EPOCHS_DONE);
      assertThat(result.events()).isEqualTo(heard).hasSize(1);
      assertThat(heard.get(0).step()).isEqualTo(4);
    }
  }

  /** A high rate, few Langevin steps and no penalty: energies run away within a few updates. */
  private Trainer.Builder reckless(EnergyModel model) {
    MarginalSGLD samples =
        MarginalSGLD.ofDefaults()
            .withLangevin(Langevin.ofSteps(5))
            .withBatchSize(12)
            .withReplay(Replay.ofSize(60));
    return trainer(model, Objective.of(CrossEntropy.ofDefaults()).plus(samples))
        .learningRate(LearningRate.constant(0.03))
        .keepLast()
        .validation(data)
        .epochs(20);
  }

  @Test
  void a_run_with_langevin_samples_that_runs_away_completes_with_the_guard() {
    try (EnergyModel model = model(EngineChoice.AUTO, WideResNet.of(10, 1))) {
      TrainingResult result = reckless(model).build().fit(data);
      assertThat(lastEnergyGap(result)).isGreaterThan(1e9);
      assertThat(bestAccuracy(result)).isLessThan(0.6);
    }
    try (EnergyModel model = model(EngineChoice.AUTO, WideResNet.of(10, 1))) {
      TrainingResult result =
          reckless(model)
              .guard(DivergenceGuard.ofDefaults().withRollbacks(6))
              .snapshotEvery(10)
              .build()
              .fit(data);
      assertThat(result.stopReason()).isEqualTo(StopReason.EPOCHS_DONE);
      assertThat(result.events()).isNotEmpty();
      assertThat(lastEnergyGap(result)).isLessThan(100);
      assertThat(bestAccuracy(result)).isGreaterThan(0.9);
    }
  }

  private static double lastEnergyGap(TrainingResult result) {
    EpochReport last = result.history().get(result.history().size() - 1);
    return Math.abs(last.values().get("marginal_sgld/energy_gap"));
  }

  private static double bestAccuracy(TrainingResult result) {
    return result.history().stream()
        .mapToDouble(report -> report.validation().orElseThrow().accuracy())
        .max()
        .orElseThrow();
  }

  @Test
  void a_guarded_run_that_keeps_diverging_ends_with_advice() {
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      INDArray before = model.graph().params().dup();
      Trainer trainer =
          trainer(model, Objective.of(CrossEntropy.ofDefaults()))
              .guard(DivergenceGuard.ofDefaults().withLossLimit(1e-6).withRollbacks(2))
              .build();
      assertThatThrownBy(() -> trainer.fit(data))
          .isInstanceOf(DivergenceException.class)
          .hasMessageContaining("after 2 rollbacks");
      assertThat(model.graph().params()).isEqualTo(before);
    }
  }

  /** Diverges at every step. */
  private Trainer hopeless(EnergyModel model, int rollbacks) {
    return trainer(model, Objective.of(CrossEntropy.ofDefaults()))
        .guard(DivergenceGuard.ofDefaults().withLossLimit(1e-6).withRollbacks(rollbacks))
        .build();
  }

  private DivergenceException divergence(TrainingSession session) {
    return catchThrowableOfType(DivergenceException.class, () -> session.run(data));
  }

  @Test
  void giving_up_tells_every_event_and_the_result_so_far() {
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      DivergenceException error = divergence(hopeless(model, 2).begin());
      assertThat(error.events())
          .extracting(DivergenceEvent::rollback)
          .as("each rollback, then the divergence that ended it")
          .containsExactly(1, 2, 3);
      TrainingResult result = error.result();
      assertThat(result.stopReason()).isEqualTo(StopReason.DIVERGED);
      assertThat(result.events()).isEqualTo(error.events());
      assertThat(result.steps()).isZero();
      assertThat(result.history()).isEmpty();
    }
  }

  @Test
  void events_survive_a_resumed_state(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("diverged.state");
    List<DivergenceEvent> before;
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      TrainingSession session = hopeless(model, 2).begin();
      before = divergence(session).events();
      StateFiles.write(session.captureState(), file);
    }
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      TrainingSession session = hopeless(model, 3).begin();
      State state = StateFiles.read(file);
      session.restoreState(state);
      assertThat(session.captureState()).isEqualTo(state);
      DivergenceException error = divergence(session);
      assertThat(error).hasMessageStartingWith("training diverged again after 3 rollbacks: ");
      assertThat(error.events()).hasSize(4).startsWith(before.get(0), before.get(1));
      assertThat(error.events().get(2).remedies())
          .isEqualTo(DivergenceGuard.ofDefaults().policy().get(2));
    }
  }

  @Test
  void a_resumed_run_that_completes_tells_the_rollbacks_before() {
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      Objective breaking = Objective.of(CrossEntropy.ofDefaults()).plus(new Breaks(4));
      TrainingSession first =
          trainer(model, breaking).guard(DivergenceGuard.ofDefaults()).build().begin();
      TrainingResult whole = first.run(data);
      assertThat(whole.events()).hasSize(1);
      Objective sound = Objective.of(CrossEntropy.ofDefaults()).plus(new Breaks(-1));
      TrainingSession rest =
          trainer(model, sound).guard(DivergenceGuard.ofDefaults()).epochs(2).build().begin();
      rest.restoreState(first.captureState());
      assertThat(rest.run(data).events()).isEqualTo(whole.events());
    }
  }

  @Test
  void sharpness_aware_updates_differ() {
    INDArray plain = parametersAfter20Steps(EngineChoice.AUTO, 3);
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      trainer(model, hybrid()).epochs(4).sharpnessAware(new SharpnessAware(0.05)).build().fit(data);
      assertThat(model.graph().params()).isNotEqualTo(plain);
    }
  }

  /** Notes the logits that it is given. */
  private record Notes(String name, List<Logits> seen) implements LossTerm {
    @Override
    public Set<ImageGroup> groups() {
      return Set.of(ImageGroup.LABELED);
    }

    @Override
    public LossFunction begin(LossSetup setup) {
      return input -> {
        seen.add(input.logits(ImageGroup.LABELED));
        return LossValue.of(0);
      };
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = EngineChoice.class,
      names = {"GRAPH", "AUTO"})
  void terms_share_one_pass_or_have_dropout_masks_of_their_own(EngineChoice engine) {
    for (boolean separate : new boolean[] {false, true}) {
      Notes one = new Notes("one", new ArrayList<>());
      Notes other = new Notes("other", new ArrayList<>());
      try (EnergyModel model = model(engine)) {
        trainer(model, Objective.of(one).plus(other))
            .published(separate ? Set.of(PublishedHabit.SEPARATE_PASSES) : Set.of())
            .build()
            .begin()
            .step(data.batch(0, 0));
      }
      boolean same = one.seen.get(0).toArray().equals(other.seen.get(0).toArray());
      assertThat(same).isEqualTo(!separate);
    }
  }

  /** Without dropout and batch statistics, terms one by one are the terms together. */
  @Test
  void separate_passes_add_up_to_the_shared_one() {
    List<INDArray> results = new ArrayList<>();
    for (boolean separate : new boolean[] {false, true}) {
      try (EnergyModel model = model(EngineChoice.AUTO, WideResNet.of(10, 1))) {
        INDArray before = model.graph().params().dup();
        trainer(model, hybrid())
            .optimizer(Optimizer.sgd())
            .published(separate ? Set.of(PublishedHabit.SEPARATE_PASSES) : Set.of())
            .maxSteps(3)
            .build()
            .fit(data);
        results.add(model.graph().params().sub(before));
      }
    }
    assertThat(
            results.get(1).distance2(results.get(0)) / results.get(0).norm2Number().doubleValue())
        .isLessThan(1e-4);
  }

  @Test
  void the_first_update_of_the_published_warm_up_changes_nothing() {
    LearningRate warming = LearningRate.constant(0.1).withWarmUp(4);
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      INDArray before = model.graph().params().dup();
      TrainingSession session =
          trainer(model, Objective.of(CrossEntropy.ofDefaults()))
              .learningRate(warming)
              .published(Set.of(PublishedHabit.WARM_UP_FROM_ZERO))
              .build()
              .begin();
      assertThat(session.step(data.batch(0, 0)).learningRate()).isZero();
      assertThat(model.graph().params()).isEqualTo(before);
      assertThat(session.step(data.batch(0, 1)).learningRate()).isEqualTo(0.025);
    }
  }

  @Test
  void a_queue_that_each_term_feeds_is_fed_between_them() {
    NegativeQueueSettings queue = NegativeQueueSettings.ofCapacity(50);
    Set<PublishedHabit> fedByEach = Set.of(PublishedHabit.QUEUE_FED_BY_EACH_TERM);
    Objective objective =
        Objective.of(
                MarginalContrastive.ofDefaults().withGroup(ImageGroup.LABELED).withQueue(queue))
            .plus(ConditionalContrastive.ofDefaults().withQueue(queue));
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      TrainingSession session = trainer(model, objective).published(fedByEach).build().begin();
      StepReport first = session.step(data.batch(0, 0));
      assertThat(first.values().get("marginal_contrastive")).isZero();
      assertThat(first.values().get("conditional_contrastive")).isPositive();
      assertThat(first.values().get("conditional_contrastive/queue_fill")).isEqualTo(12 / 50.0);
      StepReport second = session.step(data.batch(0, 1));
      assertThat(second.values().get("marginal_contrastive/queue_fill")).isEqualTo(24 / 50.0);
      Trainer sharp =
          trainer(model, objective)
              .published(fedByEach)
              .sharpnessAware(new SharpnessAware(0.05))
              .build();
      assertThatThrownBy(sharp::begin)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "sharpness-aware updates evaluate terms twice: they exclude queues that each term"
                  + " feeds");
    }
  }

  @Test
  void listeners_can_ask_to_stop() {
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      TrainingResult result =
          trainer(model, Objective.of(CrossEntropy.ofDefaults()))
              .epochs(100)
              .listener(
                  new TrainingListener() {
                    @Override
                    public void onStep(StepReport report, TrainingControl control) {
                      if (report.step() == 3) {
                        control.requestStop();
                      }
                    }
                  })
              .build()
              .fit(data);
      assertThat(result.stopReason()).isEqualTo(StopReason.REQUESTED);
      assertThat(result.steps()).isEqualTo(3);
    }
  }

  @Test
  void reports_every_term_and_metric() {
    try (EnergyModel model = model(EngineChoice.AUTO)) {
      StepReport report = trainer(model, hybrid()).build().begin().step(data.batch(0, 0));
      assertThat(report.values())
          .containsKeys(
              "cross_entropy",
              "cross_entropy/accuracy",
              "conditional_contrastive",
              "marginal_sgld",
              "marginal_sgld/energy_gap");
      double expected =
          report.values().get("cross_entropy")
              + 0.5 * report.values().get("conditional_contrastive")
              + 0.1 * report.values().get("marginal_sgld");
      assertThat(report.loss()).isCloseTo(expected, within(1e-12));
      assertThat(report.images()).isEqualTo(12 + 4);
    }
  }

  @Test
  void refuses_data_of_another_shape_or_number_of_classes() {
    try (EnergyModel other =
            EnergyModel.builder(WideResNet.of(10, 1))
                .shape(new ImageShape(1, 8, 8))
                .classes(3)
                .build();
        EnergyModel ten =
            EnergyModel.builder(WideResNet.of(10, 1)).shape(TinyData.SHAPE).classes(10).build()) {
      Objective objective = Objective.of(CrossEntropy.ofDefaults());
      Trainer otherShape = trainer(other, objective).build();
      assertThatThrownBy(() -> otherShape.fit(data))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the training images are 3x8x8, the model expects 1x8x8");
      Trainer otherClasses = trainer(ten, objective).build();
      assertThatThrownBy(() -> otherClasses.fit(data))
          .hasMessage("the training data have 3 classes, the model has 10");
      assertThatThrownBy(() -> trainer(ten, objective).validation(data))
          .hasMessage("validation set 'tiny' has 3 classes, the model has 10");
    }
  }

  @Test
  void refuses_settings_out_of_range() {
    try (EnergyModel model = model(EngineChoice.GRAPH)) {
      Trainer.Builder builder = trainer(model, Objective.of(CrossEntropy.ofDefaults()));
      assertThatThrownBy(() -> builder.epochs(0)).hasMessage("epochs must be at least 1, were 0");
      assertThatThrownBy(() -> builder.maxSteps(-1))
          .hasMessage("maxSteps must be at least 1, was -1");
      assertThatThrownBy(() -> builder.accumulation(0)).hasMessageContaining("was 0");
      assertThatThrownBy(() -> builder.validateEvery(0)).hasMessageContaining("was 0");
      assertThatThrownBy(() -> builder.snapshotEvery(0)).hasMessageContaining("was 0");
      assertThatThrownBy(
              () -> builder.accumulation(2).sharpnessAware(new SharpnessAware(1)).build())
          .hasMessageContaining("exclude each other");
    }
    assertThatThrownBy(() -> Objective.of(-1, CrossEntropy.ofDefaults()))
        .hasMessageContaining("weight of cross_entropy must be positive and finite, was -1.0");
    assertThatThrownBy(
            () -> Objective.of(CrossEntropy.ofDefaults()).plus(CrossEntropy.ofDefaults()))
        .hasMessageContaining("'cross_entropy' already");
  }
}
