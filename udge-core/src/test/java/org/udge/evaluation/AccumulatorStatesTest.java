package org.udge.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.udge.PredictionSets;
import org.udge.engine.Logits;
import org.udge.evaluation.calibration.BootstrapEvaluator;
import org.udge.evaluation.calibration.CalibrationEvaluator;
import org.udge.evaluation.calibration.PredictionSetEvaluator;
import org.udge.evaluation.calibration.RiskCoverageEvaluator;
import org.udge.random.RandomStreams;
import org.udge.state.State;
import org.udge.state.StateFiles;

/** What an accumulator has seen can go on in another process. */
class AccumulatorStatesTest {

  @TempDir private Path folder;

  static Stream<Evaluator<?>> evaluators() {
    return Stream.of(
        ClassificationEvaluator.ofDefaults(),
        CalibrationEvaluator.ofDefaults().withBins(15, 4),
        RiskCoverageEvaluator.ofDefaults(),
        new PredictionSetEvaluator(
            PredictionSets.of(PredictionSets.Method.APS, 0.9, 0, 0, 0.8), Optional.empty()),
        BootstrapEvaluator.of(Bootstrap.of(RandomStreams.of(1)).withResamples(20)));
  }

  private static void feed(Accumulator<?> accumulator, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] rows = new double[20][3];
    int[] labels = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      labels[i] = random.nextInt(3);
      for (int c = 0; c < 3; c++) {
        rows[i][c] = random.nextDouble(-2, 2);
      }
    }
    accumulator.update(Logits.of(rows), labels);
  }

  @ParameterizedTest
  @MethodSource("evaluators")
  <R extends EvaluationResult> void states_go_on_where_accumulators_were(Evaluator<R> evaluator)
      throws IOException {
    Accumulator<R> original = evaluator.begin();
    feed(original, 1);
    State state = original.captureState();
    Path file = folder.resolve("accumulator.state");
    StateFiles.write(state, file);
    Accumulator<R> restored = evaluator.begin();
    feed(restored, 99);
    restored.restoreState(StateFiles.read(file));
    feed(original, 2);
    assertThat(restored.captureState()).as("a detached copy").isEqualTo(state);
    feed(restored, 2);
    assertThat(restored.captureState()).isEqualTo(original.captureState());
    assertThat(restored.compute().details()).isEqualTo(original.compute().details());
  }

  @ParameterizedTest
  @MethodSource("evaluators")
  <R extends EvaluationResult> void states_that_have_seen_nothing_can_be_restored_and_merged(
      Evaluator<R> evaluator) {
    Accumulator<R> empty = evaluator.begin();
    empty.restoreState(evaluator.begin().captureState());
    feed(empty, 3);
    Accumulator<R> full = evaluator.begin();
    feed(full, 3);
    assertThat(empty.captureState()).isEqualTo(full.captureState());
    Accumulator<R> nothing = evaluator.begin();
    nothing.restoreState(evaluator.begin().captureState());
    full.merge(nothing);
    assertThat(empty.captureState()).isEqualTo(full.captureState());
  }

  @Test
  void states_of_other_settings_are_refused() {
    Accumulator<?> coarse = CalibrationEvaluator.ofDefaults().withBins(4).begin();
    feed(coarse, 1);
    State state = coarse.captureState();
    assertThatThrownBy(
            () -> CalibrationEvaluator.ofDefaults().withBins(15).begin().restoreState(state))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("state has no entry 'bins15'");
  }

  @Test
  void accumulators_without_states_say_so() {
    Accumulator<EvaluationResult> plain =
        new Accumulator<>() {
          @Override
          public void update(EvaluationBatch batch) {}

          @Override
          public void merge(Accumulator<EvaluationResult> other) {}

          @Override
          public EvaluationResult compute() {
            throw new IllegalStateException(List.of(Optional.empty()).toString());
          }
        };
    assertThatThrownBy(plain::captureState)
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageEndingWith("cannot be sent to another process: it has no captureState");
  }
}
