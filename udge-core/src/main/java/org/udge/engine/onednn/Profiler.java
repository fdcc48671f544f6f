package org.udge.engine.onednn;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.udge.engine.onednn.Step.Phase;

/** Measures the steps of a plan individually. */
final class Profiler {

  private static final List<Phase> PHASES =
      List.of(Phase.FORWARD, Phase.INPUT_GRADIENT, Phase.PARAMETER_GRADIENT);

  private Profiler() {}

  static List<StepTime> measure(Arena arena, int rounds) {
    Map<Step, Long> fastest = new HashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (Phase phase : PHASES) {
        List<Step> steps = arena.plan().steps(phase);
        long[] times = new long[steps.size()];
        arena.run(phase, times);
        for (int i = 0; i < times.length; i++) {
          fastest.merge(steps.get(i), times[i], Math::min);
        }
      }
    }
    List<StepTime> result = new ArrayList<>();
    for (Step step : arena.plan().steps()) {
      String implementation = step instanceof Step.Native call ? call.implementation() : "java";
      result.add(time(step, implementation, requireNonNull(fastest.get(step))));
    }
    return result;
  }

  /** Returns the time of a step of a plan, or of other code that performs the same operation. */
  static StepTime time(Step step, String implementation, long nanoseconds) {
    boolean both =
        step.phases().containsAll(Arrays.asList(Phase.INPUT_GRADIENT, Phase.PARAMETER_GRADIENT));
    String phase =
        both
            ? "BOTH_GRADIENTS"
            : PHASES.stream().filter(step.phases()::contains).findFirst().orElseThrow().name();
    return new StepTime(
        phase,
        StepKind.of(step),
        step.label(),
        implementation,
        nanoseconds / 1e6,
        step instanceof Step.Native call ? call.operations() : 0);
  }
}
