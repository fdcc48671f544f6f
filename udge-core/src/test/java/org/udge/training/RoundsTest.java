package org.udge.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.udge.EnergyModel;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.CrossEntropy;
import org.udge.loss.MarginalSGLD;
import org.udge.loss.NegativeQueueSettings;
import org.udge.loss.Remedy;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.sampling.Langevin;
import org.udge.sampling.Replay;
import org.udge.state.State;

/** A run cut into rounds, as whoever trains on several machines cuts it. */
class RoundsTest {

  private static final TinyData DATA = new TinyData(60, 12);
  private static final int STEPS = 8;

  private static EnergyModel model(Norm norm) {
    return EnergyModel.builder(WideResNet.of(10, 1).withDropout(0.2).withNorm(norm))
        .shape(TinyData.SHAPE)
        .classes(TinyData.CLASSES)
        .build();
  }

  private static Trainer.Builder trainer(EnergyModel model) {
    return Trainer.builder(
            model,
            Objective.of(CrossEntropy.ofDefaults())
                .plus(
                    ConditionalContrastive.ofDefaults()
                        .withQueue(NegativeQueueSettings.ofCapacity(40)))
                .plus(
                    MarginalSGLD.ofDefaults()
                        .withLangevin(Langevin.ofSteps(2))
                        .withBatchSize(6)
                        .withReplay(Replay.ofSize(30))))
        .learningRate(LearningRate.constant(1e-3))
        .epochs(2)
        .keepLast();
  }

  /** Two steps in a session of its own, on another model: a function of its arguments. */
  private static TrainingSession round(
      EnergyModel model, State state, float[] parameters, long limit) {
    TrainingSession session = trainer(model).maxSteps(limit).build().begin();
    session.restoreState(RunState.of(state).withParameters(parameters).state());
    session.run(DATA);
    return session;
  }

  private static State copyThroughBytes(State state) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(state);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (State) in.readObject();
    }
  }

  @Test
  void rounds_on_other_models_have_the_bits_of_one_run() throws Exception {
    try (EnergyModel whole = model(Norm.BATCH);
        EnergyModel first = model(Norm.BATCH);
        EnergyModel second = model(Norm.BATCH)) {
      trainer(whole).maxSteps(STEPS).build().fit(DATA);
      float[] parameters = first.graph().params().dup('c').data().asFloat();
      State state = trainer(first).build().begin().captureState();
      for (int steps = 2; steps <= STEPS; steps += 2) {
        EnergyModel worker = steps % 4 == 0 ? second : first;
        RunState done = RunState.of(round(worker, state, parameters, steps).captureState());
        parameters = done.parameters();
        state = copyThroughBytes(done.withoutParameters().state());
        assertThat(state.has("parameters")).isFalse();
      }
      assertThat(parameters).isEqualTo(whole.graph().params().dup('c').data().asFloat());
    }
  }

  @Test
  void a_rollback_decided_elsewhere_lowers_the_rate_and_is_remembered() {
    DivergenceEvent event =
        new DivergenceEvent(
            3,
            DivergenceEvent.Cause.LOSS,
            "loss",
            1e9,
            1e8,
            1,
            List.of(new Remedy.LowerRate(0.5), new Remedy.MoreSteps(2)));
    try (EnergyModel model = model(Norm.NONE)) {
      TrainingSession session = trainer(model).build().begin();
      session.rolledBack(event);
      assertThat(session.step(DATA.batch(0, 0)).learningRate()).isEqualTo(5e-4);
      State state = session.captureState();
      assertThat(RunState.of(state).events()).containsExactly(event);
      assertThat(state.has("lastGood")).isFalse();
    }
  }

  @Test
  void a_guard_judges_for_others_and_says_when_no_rollback_is_left() {
    DivergenceGuard guard = DivergenceGuard.ofDefaults().withRollbacks(1);
    StepReport good = new StepReport(1, 0, 1, 2, Map.of(), 3);
    StepReport bad = new StepReport(7, 0, 1, 1e9, Map.of(), 3);
    assertThat(guard.judge(good, 0)).isEmpty();
    DivergenceEvent first = guard.judge(bad, 0).orElseThrow();
    assertThat(first.remedies()).isEqualTo(guard.policy().get(0));
    assertThat(first.rollback()).isEqualTo(1);
    DivergenceEvent last = guard.judgeNotFinite("parameters", 9, 1);
    assertThat(last.rollback()).isGreaterThan(guard.rollbacks());
    assertThat(last.remedies()).isEmpty();
    assertThat(last.quantity()).isEqualTo("parameters");
  }

  @Test
  void a_run_moves_to_other_data_with_its_memories_and_without_its_history() {
    try (EnergyModel model = model(Norm.NONE)) {
      TrainingSession session = trainer(model).build().begin();
      session.run(DATA);
      RunState moved = RunState.of(session.captureState()).movedTo(9, 6, 3);
      assertThat(moved.seed()).isEqualTo(9);
      assertThat(moved.epoch()).isEqualTo(2);
      assertThat(moved.history()).isEmpty();
      assertThat(moved.negatives().orElseThrow().rows()).isEqualTo(40);
      assertThat(moved.replayBuffer()).isPresent();
      TrainingSession other = trainer(model).seed(9).epochs(3).build().begin();
      other.restoreState(moved.state());
      other.run(new TinyData(36, 12));
      assertThat(other.steps()).isEqualTo(9);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> moved.movedTo(9, -1, 3))
          .withMessage("state entry 'steps' must not be negative, was -1");
    }
  }

  @Test
  void running_statistics_are_untrained_and_nothing_else_is() {
    try (EnergyModel batchNorm = model(Norm.BATCH);
        EnergyModel plain = model(Norm.NONE)) {
      assertThat(UntrainedParameters.of(plain.graph()).cardinality()).isZero();
      BitSet untrained = UntrainedParameters.of(batchNorm.graph());
      float[] before = batchNorm.graph().params().dup('c').data().asFloat();
      Trainer.builder(batchNorm, Objective.of(CrossEntropy.ofDefaults()))
          .learningRate(LearningRate.constant(1e-60))
          .optimizer(Optimizer.sgd())
          .maxSteps(1)
          .build()
          .fit(DATA);
      float[] after = batchNorm.graph().params().dup('c').data().asFloat();
      BitSet moved = new BitSet();
      for (int i = 0; i < after.length; i++) {
        moved.set(i, after[i] != before[i]);
      }
      assertThat(moved.cardinality()).isPositive();
      assertThat(untrained).isEqualTo(moved);
    }
  }

  @Test
  void a_state_without_an_entry_leaves_the_other_alone() {
    State state = State.builder().put("a", 1).put("b", 2).build();
    assertThat(state.without("a")).isEqualTo(State.builder().put("b", 2).build());
    assertThat(state.without("c")).isEqualTo(state);
    assertThat(state.without("a").toBuilder().put("a", 1).build()).isEqualTo(state);
    assertThat(state.has("a")).isTrue();
  }
}
