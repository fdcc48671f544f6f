package org.udge.engine.onednn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.udge.engine.onednn.Step.Phase;

/** Measures a plan's steps one by one. */
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
    arena.plan().steps().forEach(step -> result.add(time(step, fastest.get(step))));
    return result;
  }

  private static StepTime time(Step step, long nanoseconds) {
    boolean both =
        step.phases().containsAll(Arrays.asList(Phase.INPUT_GRADIENT, Phase.PARAMETER_GRADIENT));
    String phase =
        both
            ? "BOTH_GRADIENTS"
            : PHASES.stream().filter(step.phases()::contains).findFirst().orElseThrow().name();
    Step.Native call = step instanceof Step.Native n ? n : null;
    return new StepTime(
        phase,
        step.label(),
        call == null ? "java" : call.implementation(),
        nanoseconds / 1e6,
        call == null ? 0 : call.operations());
  }
}
