package org.udge.evaluation.detection;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.udge.data.ImageSource;
import org.udge.evaluation.Accumulator;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.Evaluator;
import org.udge.internal.Checks;
import org.udge.internal.DoubleList;
import org.udge.state.State;

/**
 * Scores the set under evaluation (in-distribution) and further sets (out-of-distribution), and
 * evaluates how well the scores separate them. Stores one number per image and score. Needs no
 * labels.
 *
 * @param scores the scores, at least one
 * @param outOfDistributionSets the out-of-distribution sets by name, at least one; added by {@link
 *     #against}
 */
public record OutOfDistributionEvaluator(
    List<OutOfDistributionScore> scores, Map<String, ImageSource> outOfDistributionSets)
    implements Evaluator<OutOfDistributionResult> {

  /**
   * Copies and checks the settings.
   *
   * @param scores the scores, at least one, with unique names
   * @param outOfDistributionSets the out-of-distribution sets by name
   * @throws IllegalArgumentException if there is no score, or a name is duplicate
   */
  public OutOfDistributionEvaluator {
    scores = List.copyOf(scores);
    outOfDistributionSets = Collections.unmodifiableMap(new LinkedHashMap<>(outOfDistributionSets));
    List<String> names = scores.stream().map(OutOfDistributionScore::name).toList();
    checkArgument(!names.isEmpty(), "there must be at least one score");
    checkArgument(
        names.stream().distinct().count() == names.size(), "score names repeat: %s", names);
  }

  /**
   * Returns an evaluator of how well scores separate the set under evaluation from others, which
   * are added with {@link #against}.
   *
   * @param scores the scores, at least one
   * @return the evaluator
   * @throws IllegalArgumentException if there is no score, or two have the same name
   */
  public static OutOfDistributionEvaluator of(OutOfDistributionScore... scores) {
    return new OutOfDistributionEvaluator(List.of(scores), Map.of());
  }

  /**
   * Returns a copy with one more set of out-of-distribution images.
   *
   * @param name the name in tables and keys, for example {@code svhn}
   * @param source the images; labels are not needed
   * @return a copy
   * @throws IllegalArgumentException if there already is a set of that name, or the name is empty
   *     or contains a slash, which separates the parts of keys
   */
  public OutOfDistributionEvaluator against(String name, ImageSource source) {
    checkArgument(
        !name.isEmpty() && name.indexOf('/') < 0,
        "name of a set must not be empty or contain '/', was '%s'",
        name);
    Map<String, ImageSource> more = new LinkedHashMap<>(outOfDistributionSets);
    checkArgument(more.put(name, source) == null, "there is a set '%s' already", name);
    return new OutOfDistributionEvaluator(scores, more);
  }

  @Override
  public String name() {
    return "out_of_distribution";
  }

  @Override
  public Accumulator<OutOfDistributionResult> begin() {
    checkState(!outOfDistributionSets.isEmpty(), "say what to compare with: against(name, source)");
    return new Collected(this);
  }

  private static final class Collected implements Accumulator<OutOfDistributionResult> {

    private final OutOfDistributionEvaluator settings;
    private final Map<String, DoubleList> in = new LinkedHashMap<>();
    private final Map<String, Map<String, DoubleList>> out = new LinkedHashMap<>();

    Collected(OutOfDistributionEvaluator settings) {
      this.settings = settings;
      for (OutOfDistributionScore score : settings.scores) {
        in.put(score.name(), new DoubleList());
        Map<String, DoubleList> sets = new LinkedHashMap<>();
        settings.outOfDistributionSets.keySet().forEach(set -> sets.put(set, new DoubleList()));
        out.put(score.name(), sets);
      }
    }

    private DoubleList list(String score, EvaluationBatch batch) {
      return batch
          .outOfDistributionSet()
          .map(set -> outside(score, set))
          .orElseGet(() -> inside(score));
    }

    private DoubleList inside(String score) {
      return requireNonNull(in.get(score), score);
    }

    private DoubleList outside(String score, String set) {
      return requireNonNull(requireNonNull(out.get(score), score).get(set), set);
    }

    @Override
    public void update(EvaluationBatch batch) {
      for (OutOfDistributionScore score : settings.scores) {
        double[] values = score.score(batch);
        list(score.name(), batch).addAll(Checks.scores(score.name(), values));
      }
    }

    @Override
    public void merge(Accumulator<OutOfDistributionResult> other) {
      checkArgument(
          other instanceof Collected that && that.settings.equals(settings),
          "cannot merge with an accumulator of other settings: %s",
          other);
      Collected that = (Collected) other;
      in.forEach((score, list) -> list.addAll(that.inside(score)));
      out.forEach(
          (score, sets) -> sets.forEach((set, list) -> list.addAll(that.outside(score, set))));
    }

    @Override
    public State captureState() {
      State.Builder state = State.builder();
      in.forEach(
          (score, list) ->
              state.put(
                  score,
                  State.builder().put("in", list.toArray()).put("out", captured(score)).build()));
      return state.build();
    }

    /**
     * Captures the sets by position: a name may contain characters that a state's entry may not.
     */
    private State captured(String score) {
      State.Builder sets = State.builder();
      int place = 0;
      for (String set : settings.outOfDistributionSets.keySet()) {
        sets.put(Integer.toString(place++), outside(score, set).toArray());
      }
      return sets.build();
    }

    @Override
    public void restoreState(State state) {
      in.forEach(
          (score, list) -> {
            State captured = state.getState(score);
            list.setAll(captured.getDoubles("in"));
            int place = 0;
            for (String set : settings.outOfDistributionSets.keySet()) {
              double[] scores = captured.getState("out").getDoubles(Integer.toString(place++));
              outside(score, set).setAll(scores);
            }
          });
    }

    @Override
    public OutOfDistributionResult compute() {
      Map<String, double[]> inScores = new LinkedHashMap<>();
      in.forEach((score, list) -> inScores.put(score, list.toArray()));
      Map<String, Map<String, double[]>> outScores = new LinkedHashMap<>();
      out.forEach(
          (score, sets) -> {
            Map<String, double[]> arrays = new LinkedHashMap<>();
            sets.forEach((set, list) -> arrays.put(set, list.toArray()));
            outScores.put(score, arrays);
          });
      return OutOfDistributionResult.of(inScores, outScores);
    }
  }
}
