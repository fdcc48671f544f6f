package org.udge.spark.evaluation;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.udge.evaluation.Accumulator;
import org.udge.evaluation.EvaluationResult;
import org.udge.evaluation.Evaluator;
import org.udge.state.State;

/**
 * Accumulated results of some parts of the images. Adjacent parts are merged, others wait for those
 * between them: whatever order parts arrive in, images count in their own order, so that results
 * that depend on it (such as bootstrap intervals) are those of one machine.
 */
final class Parts implements Serializable {

  private static final long serialVersionUID = 1;

  /** States of all evaluators' accumulators over parts first to last. */
  private record Run(int first, int last, ArrayList<State> states) implements Serializable {}

  private final ArrayList<EvaluatorFactory<?>> factories;
  private final TreeMap<Integer, Run> runs;

  @SuppressWarnings("NonApiType") // This type is serializable.
  private Parts(List<EvaluatorFactory<?>> factories, TreeMap<Integer, Run> runs) {
    this.factories = new ArrayList<>(factories);
    this.runs = runs;
  }

  static Parts none(List<EvaluatorFactory<?>> factories) {
    return new Parts(factories, new TreeMap<>());
  }

  static Parts of(int place, List<EvaluatorFactory<?>> factories, Collection<Accumulator<?>> seen) {
    ArrayList<State> states = new ArrayList<>();
    seen.forEach(accumulator -> states.add(accumulator.captureState()));
    TreeMap<Integer, Run> runs = new TreeMap<>();
    runs.put(place, new Run(place, place, states));
    return new Parts(factories, runs);
  }

  /** Merges two collections of parts. */
  Parts plus(Parts other) {
    TreeMap<Integer, Run> all = new TreeMap<>(runs);
    all.putAll(other.runs);
    TreeMap<Integer, Run> merged = new TreeMap<>();
    for (Run run : all.values()) {
      Map.Entry<Integer, Run> before = merged.lastEntry();
      if (before != null && before.getValue().last + 1 == run.first) {
        Run joined = join(before.getValue(), run);
        merged.put(joined.first, joined);
      } else {
        merged.put(run.first, run);
      }
    }
    return new Parts(factories, merged);
  }

  private Run join(Run first, Run second) {
    ArrayList<State> states = new ArrayList<>();
    for (int i = 0; i < factories.size(); i++) {
      states.add(join(factories.get(i), first.states.get(i), second.states.get(i)));
    }
    return new Run(first.first, second.last, states);
  }

  private static <R extends EvaluationResult> State join(
      EvaluatorFactory<R> factory, State first, State second) {
    Evaluator<R> evaluator = factory.create();
    Accumulator<R> one = evaluator.begin();
    one.restoreState(first);
    Accumulator<R> other = evaluator.begin();
    other.restoreState(second);
    one.merge(other);
    return one.captureState();
  }

  /** One more than the number of gaps between parts. */
  int runs() {
    return runs.size();
  }

  /** The complete accumulators, by evaluator. */
  Map<Evaluator<?>, Accumulator<?>> merged() {
    if (runs.size() != 1) {
      throw new IllegalStateException("parts are missing between " + runs.keySet());
    }
    Map<Evaluator<?>, Accumulator<?>> all = Judge.begin(factories);
    Iterator<State> states = requireNonNull(runs.firstEntry()).getValue().states.iterator();
    all.values().forEach(accumulator -> accumulator.restoreState(states.next()));
    return all;
  }
}
