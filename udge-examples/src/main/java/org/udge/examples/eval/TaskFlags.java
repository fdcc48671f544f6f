package org.udge.examples.eval;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Sets;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.udge.examples.cli.Choice;
import org.udge.examples.eval.Eval.Task;
import org.udge.examples.models.ScoreOptions;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * The tasks of {@code eval} that each flag applies to: a flag without effect is refused, not
 * ignored.
 */
final class TaskFlags {

  private static final Set<Task> JUDGING =
      EnumSet.of(Task.TEST_CLF, Task.EVAL_ECE, Task.OOD, Task.LOGP_HIST);
  private static final Set<Task> SCORING = EnumSet.of(Task.OOD, Task.LOGP_HIST);
  private static final Set<Task> SAMPLING = EnumSet.of(Task.UNCOND_SAMPLES, Task.COND_SAMPLES);

  private static final Set<String> DRAWING =
      Set.of(
          "--sgld_batch_size",
          "--n_sample_steps",
          "--buffer_size",
          "--reinit_freq",
          "--print_every");

  private static final Set<String> OF_FITTING =
      Set.of("--calibration", "--set_coverage", "--set_method", "--set_by_class");

  /** Flags that are not listed apply to every task. */
  private static final Map<String, Set<Task>> SERVED = served();

  /** In these tasks, these flags have no effect without another. */
  private record Needs(Set<Task> tasks, Set<String> flags, String other) {}

  private static final List<Needs> NEEDS =
      List.of(
          new Needs(JUDGING, Set.of("--sgld_lr", "--sgld_std"), "--n_steps"),
          new Needs(EnumSet.of(Task.EVAL_ECE), OF_FITTING, CalibrationFitting.FLAG),
          new Needs(
              EnumSet.of(Task.EVAL_ECE),
              Set.of("--set_method", "--set_by_class"),
              "--set_coverage"),
          new Needs(SAMPLING, Set.of("--data_root", "--n_images"), "--real_dataset"),
          new Needs(
              EnumSet.of(Task.COND_SAMPLES),
              Sets.union(DRAWING, Set.of("--n_steps", "--sgld_lr", "--sgld_std")),
              "--fresh_samples"));

  private TaskFlags() {}

  private static Map<String, Set<Task>> served() {
    ImmutableMap.Builder<String, Set<Task>> table = ImmutableMap.builder();
    for (String flag : List.of("--dataset", "--batch_size", "--compat", "--eval_mode", "--sigma")) {
      table.put(flag, JUDGING);
    }
    table.put("--score_fn", SCORING);
    ScoreOptions.READ_BY.keySet().forEach(flag -> table.put(flag, SCORING));
    table.put("--ood_dataset", EnumSet.of(Task.OOD)).put("--false_alarms", EnumSet.of(Task.OOD));
    table.put("--n_bootstrap", EnumSet.of(Task.TEST_CLF, Task.EVAL_ECE, Task.OOD));
    table.put(CalibrationFitting.FLAG, EnumSet.of(Task.EVAL_ECE));
    for (String flag : OF_FITTING) {
      table.put(flag, EnumSet.of(Task.EVAL_ECE));
    }
    table.put("--risk", EnumSet.of(Task.TEST_CLF, Task.EVAL_ECE));
    table.put("--datasets", EnumSet.of(Task.LOGP_HIST));
    DRAWING.forEach(flag -> table.put(flag, SAMPLING));
    table.put("--real_dataset", SAMPLING);
    table.put("--fresh_samples", EnumSet.of(Task.COND_SAMPLES));
    return table.buildOrThrow();
  }

  /** Refuses the first flag that was given but has no effect. */
  static void check(Task task, CommandLine line) {
    ParseResult given = line.getParseResult();
    for (OptionSpec option : given.matchedOptions()) {
      String flag = option.longestName();
      Set<Task> tasks = SERVED.getOrDefault(flag, EnumSet.allOf(Task.class));
      if (!tasks.contains(task)) {
        throw new ParameterException(
            line,
            String.format(
                Locale.ROOT,
                "%s has no effect with --eval %s: it is for %s",
                flag,
                Choice.text(task),
                tasks.stream().map(Choice::text).collect(Collectors.joining(", "))));
      }
      for (Needs needs : NEEDS) {
        if (needs.tasks.contains(task)
            && needs.flags.contains(flag)
            && !given.hasMatchedOption(needs.other)) {
          throw new ParameterException(
              line,
              String.format(
                  Locale.ROOT,
                  "%s has no effect with --eval %s without %s",
                  flag,
                  Choice.text(task),
                  needs.other));
        }
      }
    }
  }
}
