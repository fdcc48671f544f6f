package org.udge.training;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import org.udge.loss.LossTerm;

/**
 * A weighted sum of loss terms: L = sum_i weight_i L_i.
 *
 * <p>Immutable and thread-safe. Equal terms and weights are equal objectives.
 */
public final class Objective {

  /**
   * A term and its weight.
   *
   * @param weight factor of value and gradient, above 0
   * @param term the term
   */
  public record Weighted(double weight, LossTerm term) {

    /**
     * Checks the values.
     *
     * @param weight factor of value and gradient, above 0
     * @param term the term
     */
    public Weighted {
      checkArgument(
          weight > 0 && Double.isFinite(weight),
          "the weight of %s must be positive and finite, was %s",
          term.name(),
          weight);
      requireNonNull(term);
    }
  }

  private final List<Weighted> terms;

  private Objective(List<Weighted> terms) {
    this.terms = List.copyOf(terms);
  }

  /**
   * An objective of one term with weight 1.
   *
   * @param term the term
   * @return the objective
   */
  public static Objective of(LossTerm term) {
    return of(1, term);
  }

  /**
   * An objective of one weighted term.
   *
   * @param weight above 0
   * @param term the term
   * @return the objective
   */
  public static Objective of(double weight, LossTerm term) {
    return new Objective(List.of(new Weighted(weight, term)));
  }

  /**
   * This objective and one term more, with weight 1.
   *
   * @param term of a name not used yet
   * @return a new objective
   */
  public Objective plus(LossTerm term) {
    return plus(1, term);
  }

  /**
   * This objective and one term more.
   *
   * @param weight above 0
   * @param term of a name not used yet
   * @return a new objective
   */
  public Objective plus(double weight, LossTerm term) {
    checkArgument(
        terms.stream().noneMatch(other -> other.term.name().equals(term.name())),
        "the objective has a term named '%s' already",
        term.name());
    List<Weighted> more = new ArrayList<>(terms);
    more.add(new Weighted(weight, term));
    return new Objective(more);
  }

  /**
   * The terms.
   *
   * @return at least one, in the order they were added
   */
  public List<Weighted> terms() {
    return terms;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Objective that && terms.equals(that.terms);
  }

  @Override
  public int hashCode() {
    return terms.hashCode();
  }

  @Override
  public String toString() {
    return String.join(" + ", terms.stream().map(t -> t.weight + " " + t.term.name()).toList());
  }
}
