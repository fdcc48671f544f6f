package org.udge.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.EnergyModel;
import org.udge.loss.CrossEntropy;
import org.udge.network.WideResNet;
import org.udge.sampling.Replay;
import org.udge.sampling.ReplayBuffer;
import org.udge.state.State;

/** Entries of states from elsewhere are checked before anything is made of them. */
class RunStateTest {

  private static final TinyData DATA = new TinyData(24, 12);

  /** The state of a short run with some entries changed. */
  private static State.Builder run(long steps, long stepsPerEpoch, double rateFactor) {
    return State.builder()
        .put("seed", 1)
        .put("steps", steps)
        .put("stepsPerEpoch", stepsPerEpoch)
        .put("seconds", 1.0)
        .put("epochSeconds", 1.0)
        .put(
            "rollbacks",
            State.builder()
                .put("rateFactor", rateFactor)
                .put("events", State.builder().put("count", 0).build())
                .build());
  }

  private static State epochs(State history) {
    return State.builder().put("history", history).build();
  }

  private static State values(String names, double... values) {
    return State.builder().put("names", names).put("values", values).build();
  }

  private static State.Builder report(long epoch, long steps, State values) {
    return State.builder()
        .put("epoch", epoch)
        .put("steps", steps)
        .put("loss", 1.0)
        .put("values", values)
        .put("seconds", 1.0);
  }

  private static State history(State... reports) {
    State.Builder history = State.builder().put("count", reports.length);
    for (int i = 0; i < reports.length; i++) {
      history.put(Integer.toString(i), reports[i]);
    }
    return history.build();
  }

  private static void assertRefused(State state, String message) {
    assertThatIllegalArgumentException().isThrownBy(() -> RunState.of(state)).withMessage(message);
  }

  private static void assertHistoryRefused(State history, String message) {
    assertRefused(run(10, 5, 1).put("epochs", epochs(history)).build(), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-1 | 5 | 1 | state entry 'steps' must not be negative, was -1",
        "1 | 0 | 1 | state entry 'stepsPerEpoch' must be from 1 to 2147483647, was 0",
        "1 | 4294967297 | 1"
            + " | state entry 'stepsPerEpoch' must be from 1 to 2147483647, was 4294967297",
        "1 | 5 | 0 | 'state entry ''rateFactor'' must be in (0, 1], was 0.0'",
        "1 | 5 | NaN | 'state entry ''rateFactor'' must be in (0, 1], was NaN'"
      })
  void refuses_numbers_out_of_range(long steps, long perEpoch, double factor, String message) {
    assertRefused(
        run(steps, perEpoch, factor).put("epochs", epochs(history())).build(),
        message.replace("''", "'"));
  }

  @Test
  void refuses_a_history_that_cannot_be() {
    State none = values("");
    assertHistoryRefused(
        history(report(-1, 5, none).build()), "state entry 'epoch' must be at least 0, was -1");
    assertHistoryRefused(
        history(report(0, 0, none).build()), "state entry 'steps' must be at least 1, was 0");
    assertHistoryRefused(
        history(report(0, 5, none).build(), report(1, 5, none).build()),
        "state entry 'history' is not in order: epoch 1 ends at step 5");
    assertHistoryRefused(
        history(report(0, 11, none).build()),
        "the state is of step 10, but contains epochs that end later");
    assertHistoryRefused(
        history(report(0, 5, values("a\nb\nc", 1, 2)).build()),
        "state entry 'names' has 3 names for 2 values");
    assertHistoryRefused(
        history(report(0, 5, values("a", 1, 2)).build()),
        "state entry 'names' has 1 names for 2 values");
    assertHistoryRefused(
        State.builder().put("count", 3).build(), "state has no entry '0'; it has [count]");
  }

  @Test
  void refuses_a_validation_that_cannot_be() {
    State metric =
        State.builder()
            .put("key", "validation/accuracy")
            .put("value", 1.5)
            .put("direction", "HIGHER_IS_BETTER")
            .build();
    State validation = State.builder().put("images", 5).put("count", 1).put("0", metric).build();
    assertHistoryRefused(
        history(report(0, 5, values("")).put("validation", validation).build()),
        "the accuracy in state entry 'validation' must be in [0, 1], was 1.5");
    State odd =
        State.builder()
            .put("key", "validation/accuracy")
            .put("value", 1.5)
            .put("direction", "SIDEWAYS")
            .build();
    assertHistoryRefused(
        history(
            report(0, 5, values(""))
                .put(
                    "validation",
                    State.builder().put("images", 5).put("count", 1).put("0", odd).build())
                .build()),
        "state entry 'direction' must be one of [higher is better, lower is better, ], was"
            + " SIDEWAYS");
  }

  @Test
  void a_refused_state_changes_nothing() {
    try (EnergyModel model =
        EnergyModel.builder(WideResNet.of(10, 1))
            .shape(TinyData.SHAPE)
            .classes(TinyData.CLASSES)
            .build()) {
      TrainingSession session =
          Trainer.builder(model, Objective.of(CrossEntropy.ofDefaults())).build().begin();
      session.step(DATA.batch(0, 0));
      State before = session.captureState();
      State bad =
          run(-5, 5, 1)
              .put("epochs", epochs(history()))
              .put("parameters", new float[(int) model.graph().numParams()])
              .build();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.restoreState(bad))
          .withMessage("state entry 'steps' must not be negative, was -5");
      assertThat(session.captureState()).isEqualTo(before);
    }
  }

  private static State buffer(long[] sizes, long[] slots, float[]... images) {
    return State.builder()
        .put("sizes", sizes)
        .put("slots", slots)
        .putRows("images", images)
        .build();
  }

  @Test
  void refuses_a_replay_buffer_that_cannot_be() {
    String form =
        "state entry 'sizes' must be {size, classes, channels, height, width}, each from 1 to"
            + " 16777216, was ";
    for (long[] sizes :
        new long[][] {{4, 2, 1}, {4, 2, 1, 0, 1}, {1L << 33, 2, 1, 1, 1}, {4, -2, 1, 1, 1}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ReplayBuffer.fromState(buffer(sizes, new long[0])))
          .withMessageStartingWith(form);
    }
    long[] sizes = {4, 2, 1, 1, 1};
    for (long slot : new long[] {-1, 4, 1L << 32}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ReplayBuffer.fromState(buffer(sizes, new long[] {slot}, new float[1])))
          .withMessage("state entry 'slots' names slot " + slot + " of a buffer of 4");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ReplayBuffer.fromState(buffer(sizes, new long[] {1}, new float[3])))
        .withMessage("state entry 'images' has an image of 3 numbers, expected 1");
  }

  @Test
  void a_refused_replay_buffer_keeps_its_images() {
    ReplayBuffer buffer = ReplayBuffer.of(Replay.ofSize(4), TinyData.SHAPE, 2);
    buffer.fill(Nd4j.ones(DataType.FLOAT, TinyData.SHAPE.batch(2)));
    State before = buffer.captureState();
    State bad = buffer(new long[] {4, 2, 3, 8, 8}, new long[] {0}, new float[1]);
    assertThatIllegalArgumentException().isThrownBy(() -> buffer.restoreState(bad));
    assertThat(buffer.captureState()).isEqualTo(before);
  }
}
