package org.udge.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.evaluation.calibration.CalibrationEvaluator;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.CrossEntropy;
import org.udge.loss.LossSetup;
import org.udge.loss.MarginalSGLD;
import org.udge.loss.NegativeQueueSettings;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;
import org.udge.sampling.Langevin;
import org.udge.sampling.Replay;
import org.udge.sampling.ReplayBuffer;
import org.udge.state.State;
import org.udge.state.StateFiles;

class CheckpointsTest {

  @TempDir private Path folder;

  private final TinyData data = new TinyData(60, 12);

  private static EnergyModel model() {
    return EnergyModel.builder(WideResNet.of(10, 1))
        .shape(TinyData.SHAPE)
        .classes(TinyData.CLASSES)
        .build();
  }

  private static final NegativeQueueSettings QUEUE =
      NegativeQueueSettings.ofDefaults().withCapacity(50);

  private static ConditionalContrastive contrast() {
    return ConditionalContrastive.ofDefaults().withQueue(QUEUE);
  }

  private Trainer.Builder trainer(EnergyModel model) {
    return Trainer.builder(model, Objective.of(CrossEntropy.ofDefaults()))
        .learningRate(LearningRate.constant(3e-3))
        .epochs(4)
        .validation(data);
  }

  private Trainer.Builder hybrid(EnergyModel model) {
    return Trainer.builder(
            model,
            Objective.of(CrossEntropy.ofDefaults())
                .plus(contrast())
                .plus(
                    0.1,
                    MarginalSGLD.ofDefaults()
                        .withReplay(Replay.ofSize(30))
                        .withLangevin(Langevin.ofSteps(2))
                        .withBatchSize(4)))
        .learningRate(LearningRate.constant(1e-3))
        .seed(3);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static TrainingListener stoppingAfter(long step) {
    return new TrainingListener() {
      @Override
      public void onStep(StepReport report, TrainingControl control) {
        if (report.step() == step) {
          control.requestStop();
        }
      }
    };
  }

  @Test
  void keeps_the_last_state_the_best_model_and_the_newest_of_others() throws IOException {
    Checkpoints checkpoints = Checkpoints.in(folder).everyEpochs(1).keep(2).build();
    try (EnergyModel model = model()) {
      Files.writeString(folder.resolve("ckpt_of_mine.state"), "another's");
      TrainingResult result = trainer(model).listener(checkpoints).build().fit(data);
      assertThat(names())
          .containsExactly(
              "ckpt_2.state", "ckpt_3.state", "ckpt_of_mine.state", "last.state", "model.zip");
      EpochReport saved = checkpoints.savedModel().orElseThrow();
      assertThat(saved.epoch()).isEqualTo(result.bestEpoch().orElseThrow());
      try (EnergyModel best = EnergyModel.load(folder.resolve("model.zip"))) {
        assertThat(best.graph().params()).isEqualTo(model.graph().params());
      }
      RunState last = RunState.read(folder.resolve("last.state"));
      assertThat(last.steps()).isEqualTo(20);
      assertThat(last.epoch()).isEqualTo(4);
      assertThat(last.stepsPerEpoch()).isEqualTo(5);
      assertThat(last.seed()).isEqualTo(1);
      assertThat(last.seconds()).isPositive().isLessThanOrEqualTo(result.seconds());
      assertThat(last.history()).isEqualTo(result.history());
    }
  }

  @Test
  void a_stopped_run_leaves_a_state_within_the_epoch_that_goes_on_with_the_same_bits()
      throws IOException {
    INDArray expected;
    try (EnergyModel model = model()) {
      trainer(model).build().fit(data);
      expected = model.graph().params().dup();
    }
    try (EnergyModel model = model()) {
      trainer(model)
          .listener(Checkpoints.in(folder).build())
          .listener(stoppingAfter(7))
          .build()
          .fit(data);
    }
    RunState last = RunState.read(folder.resolve("last.state"));
    assertThat(last.steps()).isEqualTo(7);
    try (EnergyModel model = model()) {
      TrainingSession session = trainer(model).build().begin();
      session.restoreState(last.state());
      session.run(data);
      assertThat(model.graph().params()).isEqualTo(expected);
    }
  }

  @Test
  void a_run_that_goes_on_elsewhere_has_its_best_model_from_the_start(@TempDir Path other)
      throws IOException {
    try (EnergyModel model = model()) {
      trainer(model)
          .listener(Checkpoints.in(folder).build())
          .listener(stoppingAfter(10))
          .build()
          .fit(data);
    }
    try (EnergyModel model = model()) {
      Checkpoints checkpoints = Checkpoints.in(other).build();
      TrainingSession session =
          trainer(model).listener(checkpoints).listener(stoppingAfter(11)).build().begin();
      session.restoreState(RunState.read(folder.resolve("last.state")).state());
      INDArray before = model.graph().params().dup();
      checkpoints.onStart(session, 4, 5);
      assertThat(model.graph().params()).isEqualTo(before);
      assertThat(checkpoints.savedModel()).isPresent();
    }
    try (EnergyModel first = EnergyModel.load(folder.resolve("model.zip"));
        EnergyModel again = EnergyModel.load(other.resolve("model.zip"))) {
      assertThat(again.graph().params()).isEqualTo(first.graph().params());
    }
  }

  @Test
  void states_are_written_within_epochs_every_few_minutes() throws IOException {
    AtomicLong minutes = new AtomicLong();
    Checkpoints checkpoints =
        Checkpoints.in(folder)
            .everyMinutes(3)
            .nanoTime(() -> minutes.getAndIncrement() * 60_000_000_000L)
            .noModel()
            .build();
    try (EnergyModel model = model()) {
      Trainer failing = trainer(model).listener(checkpoints).listener(failingAfter(4)).build();
      assertThatThrownBy(() -> failing.fit(data)).hasMessage("killed");
    }
    assertThat(RunState.read(folder.resolve("last.state")).steps()).isEqualTo(3);
    assertThat(names()).containsExactly("last.state");
  }

  private static TrainingListener failingAfter(long step) {
    return new TrainingListener() {
      @Override
      public void onStep(StepReport report, TrainingControl control) {
        if (report.step() == step) {
          throw new IllegalStateException("killed");
        }
      }
    };
  }

  @Test
  void the_best_epoch_is_chosen_by_any_metric_of_the_validation_images() {
    try (EnergyModel model = model()) {
      Checkpoints checkpoints = Checkpoints.in(folder).best("validation/ece15").build();
      TrainingResult result =
          trainer(model)
              .validation(data, CalibrationEvaluator.ofDefaults())
              .keepBest("validation/ece15")
              .listener(checkpoints)
              .build()
              .fit(data);
      List<Double> errors =
          result.history().stream()
              .map(report -> report.validation().orElseThrow())
              .map(validation -> validation.metric("validation/ece15").value())
              .toList();
      int best = errors.indexOf(errors.stream().min(Double::compare).orElseThrow());
      assertThat(result.bestEpoch()).hasValue(best);
      assertThat(checkpoints.savedModel()).contains(result.history().get(best));
    }
  }

  @Test
  void refuses_a_metric_that_validation_does_not_have() {
    try (EnergyModel model = model()) {
      Trainer trainer = trainer(model).keepBest("validation/ece15").build();
      assertThatThrownBy(() -> trainer.fit(data))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(
              "validation has no metric validation/ece15, only [validation/accuracy");
      assertThatThrownBy(() -> trainer(model).keepBest("accuracy"))
          .hasMessage("the key of a validation metric begins with 'validation/', was 'accuracy'");
    }
  }

  @Test
  void refuses_to_go_on_with_another_metric() {
    State state;
    try (EnergyModel model = model()) {
      TrainingSession session = trainer(model).epochs(1).build().begin();
      session.run(data);
      state = session.captureState();
    }
    try (EnergyModel model = model()) {
      TrainingSession session = trainer(model).keepBest("validation/nll").build().begin();
      assertThatThrownBy(() -> session.restoreState(state))
          .hasMessage(
              "the run so far kept its best epoch by validation/accuracy, this trainer keeps it by"
                  + " validation/nll");
    }
  }

  @Test
  void a_state_tells_of_samples_and_negatives() throws IOException {
    Path file = folder.resolve("run.state");
    try (EnergyModel model = model()) {
      TrainingSession session = hybrid(model).build().begin();
      for (int i = 0; i < 5; i++) {
        session.step(data.batch(0, i));
      }
      RunState.of(session.captureState()).write(file);
      RunState run = RunState.read(file);
      assertThat(run.negatives().orElseThrow().rows()).isEqualTo(50);
      ReplayBuffer buffer = run.replayBuffer().orElseThrow();
      assertThat(buffer.size()).isEqualTo(30);
      assertThat(buffer.filled()).isNotEmpty();
      Replay settings = Replay.ofSize(30).withReplacement(true);
      assertThat(run.replayBuffer(settings).orElseThrow().captureState())
          .isEqualTo(buffer.captureState());
      LossSetup setup = LossSetup.of(3, TinyData.SHAPE, RandomStreams.of(1));
      assertThat(run.beginContrastive(contrast(), setup).captureState())
          .isEqualTo(session.captureState().getState("terms").getState("conditional_contrastive"));
    }
  }

  @Test
  void a_state_of_a_run_without_them_has_no_samples_and_negatives() {
    try (EnergyModel model = model()) {
      RunState run = RunState.of(trainer(model).build().begin().captureState());
      assertThat(run.negatives()).isEmpty();
      assertThat(run.replayBuffer()).isEmpty();
      assertThat(run.history()).isEmpty();
      assertThat(run.events()).isEmpty();
      LossSetup setup = LossSetup.of(3, TinyData.SHAPE, RandomStreams.of(1));
      assertThatThrownBy(() -> run.beginContrastive(contrast(), setup))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the run had no contrastive term whose negatives conditional_contrastive could use,"
                  + " only State[cross_entropy]");
    }
  }

  @Test
  void refuses_a_file_of_something_else() throws IOException {
    Path file = folder.resolve("other.state");
    StateFiles.write(State.builder().put("seed", 1).build(), file);
    assertThatThrownBy(() -> RunState.read(file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "state file %s is not of a run of training: state has no entry 'steps'; it has [seed]",
            file);
  }

  @Test
  void refuses_settings_out_of_range() {
    assertThatThrownBy(() -> Checkpoints.in(folder).everyEpochs(0))
        .hasMessage("epochs between checkpoints must be at least 1, were 0");
    assertThatThrownBy(() -> Checkpoints.in(folder).keep(0))
        .hasMessage("checkpoints to keep must be at least 1, were 0");
    assertThatThrownBy(() -> Checkpoints.in(folder).everyMinutes(0))
        .hasMessage("minutes between checkpoints must be above 0, were 0.0");
  }
}
