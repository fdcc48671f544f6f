package org.udge.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.loss.CrossEntropy;
import org.udge.loss.ImageGroup;
import org.udge.loss.LossFunction;
import org.udge.loss.LossInput;
import org.udge.loss.LossSetup;
import org.udge.loss.LossTerm;
import org.udge.loss.LossValue;
import org.udge.network.WideResNet;
import org.udge.state.State;

/** Whatever is broken off and gone on with ends as if it had not been broken off. */
class ResumeTest {

  private static final int STEPS_PER_EPOCH = 5;

  private final TinyData data = new TinyData(60, 12);

  /** Goes bad, once, at a step; every step after that is not a number. */
  private record GoesBad(int atStep, AtomicBoolean armed) implements LossTerm {

    @Override
    public String name() {
      return "goes_bad";
    }

    @Override
    public Set<ImageGroup> groups() {
      return Set.of(ImageGroup.LABELED);
    }

    @Override
    public LossFunction begin(LossSetup setup) {
      return new Function();
    }

    private final class Function implements LossFunction {
      private long steps;
      private boolean bad;

      @Override
      public LossValue evaluate(LossInput input) {
        return LossValue.of(bad ? Double.NaN : 0);
      }

      @Override
      public void remember(LossInput input) {
        steps++;
        bad |= steps == atStep && armed.getAndSet(false);
      }

      @Override
      public State captureState() {
        return State.builder().put("steps", steps).put("bad", bad ? 1L : 0L).build();
      }

      @Override
      public void restoreState(State state) {
        steps = state.getLong("steps");
        bad = state.getLong("bad") == 1;
      }
    }
  }

  /** What a run left. */
  private record Outcome(
      INDArray parameters, List<EpochReport> history, List<DivergenceEvent> events, Object best) {}

  private static EnergyModel model() {
    return EnergyModel.builder(WideResNet.of(10, 1).withDropout(0.2))
        .shape(TinyData.SHAPE)
        .classes(TinyData.CLASSES)
        .build();
  }

  private static Trainer.Builder guarded(EnergyModel model, int badAtStep) {
    Objective objective =
        Objective.of(CrossEntropy.ofDefaults())
            .plus(new GoesBad(badAtStep, new AtomicBoolean(true)));
    return Trainer.builder(model, objective)
        .learningRate(LearningRate.constant(3e-3))
        .guard(DivergenceGuard.ofDefaults())
        .epochs(4);
  }

  private static Outcome outcome(EnergyModel model, TrainingResult result) {
    return new Outcome(
        model.graph().params().dup(),
        result.history().stream().map(ResumeTest::timeless).toList(),
        result.events(),
        result.bestEpoch());
  }

  private static EpochReport timeless(EpochReport report) {
    return new EpochReport(
        report.epoch(), report.steps(), report.loss(), report.values(), report.validation(), 0);
  }

  /** Captures a state after a step: right after it, or after the epoch that it ends. */
  private static TrainingListener capturing(List<State> into, long step, boolean afterEpoch) {
    return new TrainingListener() {
      private TrainingSession running;

      @Override
      public void onStart(TrainingSession session, long epochs, int stepsPerEpoch) {
        running = session;
      }

      @Override
      public void onStep(StepReport report, TrainingControl control) {
        if (!afterEpoch && report.step() == step && into.isEmpty()) {
          into.add(running.captureState());
        }
      }

      @Override
      public void onEpoch(TrainingSession session, EpochReport report, TrainingControl control) {
        if (afterEpoch && report.steps() == step && into.isEmpty()) {
          into.add(session.captureState());
        }
      }
    };
  }

  /** Ends a run after a step, once. */
  private static TrainingListener stoppingAfter(long step) {
    AtomicBoolean armed = new AtomicBoolean(true);
    return new TrainingListener() {
      @Override
      public void onStep(StepReport report, TrainingControl control) {
        if (report.step() == step && armed.getAndSet(false)) {
          control.requestStop();
        }
      }
    };
  }

  private Outcome whole(int badAtStep, UnaryOperator<Trainer.Builder> settings) {
    try (EnergyModel model = model()) {
      return outcome(model, settings.apply(guarded(model, badAtStep)).build().fit(data));
    }
  }

  private Outcome resumed(int badAtStep, UnaryOperator<Trainer.Builder> settings, State state) {
    try (EnergyModel model = model()) {
      TrainingSession session = settings.apply(guarded(model, badAtStep)).build().begin();
      session.restoreState(state);
      return outcome(model, session.run(data));
    }
  }

  private State stateOf(
      int badAtStep, UnaryOperator<Trainer.Builder> settings, long step, boolean afterEpoch) {
    List<State> states = new ArrayList<>();
    try (EnergyModel model = model()) {
      settings
          .apply(guarded(model, badAtStep))
          .listener(capturing(states, step, afterEpoch))
          .listener(stoppingAfter(step))
          .build()
          .fit(data);
    }
    return states.get(0);
  }

  private static final UnaryOperator<Trainer.Builder> SNAPSHOTS = t -> t.snapshotEvery(2);

  @Test
  void a_resumed_guarded_run_rolls_back_to_where_the_whole_run_does() {
    Outcome whole = whole(7, SNAPSHOTS);
    assertThat(whole.events).hasSize(1);
    for (int step : new int[] {3, 4, 5, 6}) {
      State state = stateOf(7, SNAPSHOTS, step, step == STEPS_PER_EPOCH);
      assertThat(resumed(7, SNAPSHOTS, state)).as("broken off after %d", step).isEqualTo(whole);
    }
  }

  @Test
  void a_rollback_takes_averaged_weights_back() {
    for (WeightAveraging average :
        List.of(WeightAveraging.exponential(0.9), WeightAveraging.stochastic(0))) {
      UnaryOperator<Trainer.Builder> averaging =
          t -> t.snapshotEvery(2).averaging(average).validation(data);
      Outcome whole = whole(7, averaging);
      assertThat(whole.events).hasSize(1);
      for (int step : new int[] {3, 4, 5, 6}) {
        State state = stateOf(7, averaging, step, step == STEPS_PER_EPOCH);
        assertThat(resumed(7, averaging, state)).as("broken off after %d", step).isEqualTo(whole);
      }
      long averaged = stateOf(7, averaging, 9, false).getState("averagedWeights").getLong("count");
      assertThat(averaged).isEqualTo(average.isExponential() ? 9 : 1);
    }
  }

  @Test
  void a_state_whose_last_update_went_bad_can_recover() {
    Outcome whole = whole(5, SNAPSHOTS);
    State bad = stateOf(5, SNAPSHOTS, 5, true);
    Outcome resumed = resumed(-1, SNAPSHOTS, bad);
    assertThat(resumed.events).hasSize(1);
    assertThat(resumed).isEqualTo(whole);
  }

  @Test
  void a_session_that_was_stopped_goes_on_with_its_snapshots() {
    Outcome whole = whole(7, SNAPSHOTS);
    try (EnergyModel model = model()) {
      TrainingSession session =
          SNAPSHOTS.apply(guarded(model, 7)).listener(stoppingAfter(5)).build().begin();
      assertThat(session.run(data).stopReason()).isEqualTo(StopReason.REQUESTED);
      assertThat(outcome(model, session.run(data))).isEqualTo(whole);
    }
  }

  @Test
  void a_rollback_to_an_epochs_end_keeps_that_epoch() {
    Outcome whole = whole(11, t -> t.snapshotEvery(STEPS_PER_EPOCH).validation(data));
    assertThat(whole.events).hasSize(1);
    assertThat(whole.history).extracting(EpochReport::epoch).containsExactly(0L, 1L, 2L, 3L);
    assertThat(whole.history).extracting(EpochReport::steps).containsExactly(5L, 10L, 15L, 20L);
  }

  @Test
  void a_state_captured_in_an_epochs_last_step_tells_of_that_epoch() {
    UnaryOperator<Trainer.Builder> validated = t -> t.validation(data);
    Outcome whole = whole(-1, validated);
    assertThat(resumed(-1, validated, stateOf(-1, validated, 10, false))).isEqualTo(whole);
    assertThat(resumed(-1, validated, stateOf(-1, validated, 20, false))).isEqualTo(whole);
  }

  @Test
  void the_end_of_a_shorter_run_leaves_no_trace_in_a_longer_one() {
    UnaryOperator<Trainer.Builder> everySecond = t -> t.validation(data).validateEvery(2);
    Outcome whole = whole(-1, everySecond);
    assertThat(whole.history)
        .extracting(report -> report.validation().isPresent())
        .containsExactly(false, true, false, true);
    for (long end : new long[] {7, 15}) {
      List<State> states = new ArrayList<>();
      try (EnergyModel model = model()) {
        TrainingResult shorter =
            everySecond
                .apply(guarded(model, -1))
                .maxSteps(end)
                .listener(capturing(states, end, true))
                .build()
                .fit(data);
        EpochReport last = shorter.history().get(shorter.history().size() - 1);
        assertThat(last.steps()).isEqualTo(end);
        assertThat(last.validation()).isPresent();
      }
      Outcome resumed = resumed(-1, everySecond, states.get(0));
      assertThat(resumed).as("broken off after %d", end).isEqualTo(whole);
    }
  }

  @Test
  void a_finished_run_that_is_loaded_again_has_the_same_outcome() {
    UnaryOperator<Trainer.Builder> seldom = t -> t.validation(data).validateEvery(3);
    Outcome whole = whole(-1, seldom);
    assertThat(resumed(-1, seldom, stateOf(-1, seldom, 20, true))).isEqualTo(whole);
  }

  @Test
  void time_adds_up() {
    State state = stateOf(-1, SNAPSHOTS, 10, true);
    try (EnergyModel model = model()) {
      TrainingSession session = guarded(model, -1).build().begin();
      session.restoreState(state);
      assertThat(session.run(data).seconds()).isGreaterThan(state.getDouble("seconds"));
    }
  }

  @Test
  void refuses_to_go_on_with_epochs_of_another_length() {
    State state = stateOf(-1, SNAPSHOTS, 10, true);
    try (EnergyModel model = model()) {
      TrainingSession session = guarded(model, -1).build().begin();
      session.restoreState(state);
      TinyData longer = new TinyData(72, 12);
      assertThatThrownBy(() -> session.run(longer))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the run so far had epochs of 5 steps, these data make epochs of 6");
    }
  }

  @Test
  void refuses_a_limit_inside_an_update() {
    try (EnergyModel model = model()) {
      Trainer trainer = guarded(model, -1).accumulation(3).maxSteps(9).build();
      assertThatThrownBy(() -> trainer.fit(data))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "a limit of 9 steps is inside an update of 2 steps; the nearest that are not are 8"
                  + " and 10");
      TrainingSession session = guarded(model, -1).accumulation(3).maxSteps(8).build().begin();
      assertThat(session.run(data).stopReason()).isEqualTo(StopReason.STEPS_DONE);
      assertThat(session.captureState().getLong("steps")).isEqualTo(8);
    }
  }

  @Test
  void a_stop_inside_an_update_finishes_the_update() {
    UnaryOperator<Trainer.Builder> accumulating = t -> t.accumulation(3);
    Outcome whole = whole(-1, accumulating);
    try (EnergyModel model = model()) {
      TrainingSession session =
          accumulating.apply(guarded(model, -1)).listener(stoppingAfter(6)).build().begin();
      TrainingResult result = session.run(data);
      assertThat(result.stopReason()).isEqualTo(StopReason.REQUESTED);
      assertThat(result.steps()).isEqualTo(8);
      assertThat(resumed(-1, accumulating, session.captureState())).isEqualTo(whole);
    }
  }
}
