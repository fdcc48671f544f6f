package org.udge.training;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import org.udge.loss.LossTerm;

/**
 * A weighted sum of loss terms: L = sum_i weight_i L_i.
 *
 * <p>Immutable and thread-safe. Objectives with equal terms and weights are equal.
 */
public final class Objective {

  /**
   * A term and its weight.
   *
   * @param weight the factor of value and gradient, above 0
   * @param term the term
   */
  public record Weighted(double weight, LossTerm term) {

    /**
     * Checks the values.
     *
     * @param weight the factor of value and gradient, above 0
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
   * Returns an objective of one term with weight 1.
   *
   * @param term the term
   * @return the objective
   */
  public static Objective of(LossTerm term) {
    return of(1, term);
  }

  /**
   * Returns an objective of one weighted term.
   *
   * @param weight the weight, above 0
   * @param term the term
   * @return the objective
   */
  public static Objective of(double weight, LossTerm term) {
    return new Objective(List.of(new Weighted(weight, term)));
  }

  /**
   * Returns a copy of this objective with one more term, of weight 1.
   *
   * @param term the term, whose name is not in use yet
   * @return a new objective
   */
  public Objective plus(LossTerm term) {
    return plus(1, term);
  }

  /**
   * Returns a copy of this objective with one more term.
   *
   * @param weight the weight, above 0
   * @param term the term, whose name is not in use yet
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
   * Returns the terms.
   *
   * @return at least one term, in the order of addition
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
