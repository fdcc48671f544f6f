package org.udge.loss;

import static org.udge.internal.Preconditions.checkArgument;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.udge.state.State;

/** A change of settings that makes training with Langevin samples more stable. Immutable. */
public sealed interface Remedy extends Serializable {

  /**
   * Writes remedies to a state.
   *
   * @param remedies in order
   * @return the state, to be read by {@link #restore}
   */
  static State capture(List<Remedy> remedies) {
    State.Builder state = State.builder().put("count", remedies.size());
    for (int i = 0; i < remedies.size(); i++) {
      state.put(Integer.toString(i), capture(remedies.get(i)));
    }
    return state.build();
  }

  private static State capture(Remedy remedy) {
    State.Builder state = State.builder();
    if (remedy instanceof MoreSteps more) {
      state.put("kind", "more_steps").put("factor", more.factor);
    } else if (remedy instanceof LowerRate lower) {
      state.put("kind", "lower_rate").put("factor", lower.factor);
    } else if (remedy instanceof EnergyPenalty penalty) {
      state.put("kind", "energy_penalty").put("weight", penalty.weight);
    } else if (remedy instanceof ClampSamples clamp) {
      state.put("kind", "clamp_samples").put("low", clamp.low).put("high", clamp.high);
    } else if (remedy instanceof ClampGradients clamp) {
      state.put("kind", "clamp_gradients").put("limit", clamp.limit);
    } else {
      throw new AssertionError(remedy);
    }
    return state.build();
  }

  /**
   * Reads remedies from a state.
   *
   * @param state from {@link #capture}
   * @return the remedies, in order
   * @throws IllegalArgumentException if the state is not that of remedies
   */
  static List<Remedy> restore(State state) {
    List<Remedy> remedies = new ArrayList<>();
    for (int i = 0; i < state.getLong("count"); i++) {
      remedies.add(restoreOne(state.getState(Integer.toString(i))));
    }
    return List.copyOf(remedies);
  }

  private static Remedy restoreOne(State state) {
    String kind = state.getString("kind");
    return switch (kind) {
      case "more_steps" -> new MoreSteps(state.getDouble("factor"));
      case "lower_rate" -> new LowerRate(state.getDouble("factor"));
      case "energy_penalty" -> new EnergyPenalty(state.getDouble("weight"));
      case "clamp_samples" -> new ClampSamples(state.getDouble("low"), state.getDouble("high"));
      case "clamp_gradients" -> new ClampGradients(state.getDouble("limit"));
      default ->
          throw new IllegalArgumentException(
              "state entry 'kind' is '"
                  + kind
                  + "', expected more_steps, lower_rate, energy_penalty, clamp_samples or"
                  + " clamp_gradients");
    };
  }

  /**
   * Increases the number of steps per chain, so that samples get closer to the model's
   * distribution.
   *
   * @param factor the factor of the number of steps, above 1; the product is rounded up
   * @serial exclude
   */
  record MoreSteps(double factor) implements Remedy {

    /**
     * Checks the factor.
     *
     * @param factor the factor of the number of steps, above 1
     */
    public MoreSteps {
      checkArgument(
          factor > 1 && Double.isFinite(factor), "factor of steps must be above 1, was %s", factor);
    }

    @Override
    public String toString() {
      return "Langevin steps x " + factor;
    }
  }

  /**
   * Lowers the optimizer's learning rate, so that the model changes no faster than its chains can
   * follow.
   *
   * @param factor the factor of the learning rate, in (0, 1)
   * @serial exclude
   */
  record LowerRate(double factor) implements Remedy {

    /**
     * Checks the factor.
     *
     * @param factor the factor of the learning rate, in (0, 1)
     */
    public LowerRate {
      checkArgument(
          factor > 0 && factor < 1,
          "factor of the learning rate must be in (0, 1), was %s",
          factor);
    }

    @Override
    public String toString() {
      return "learning rate x " + factor;
    }
  }

  /**
   * Penalizes large energies with at least this weight.
   *
   * @param weight the weight of the mean squared energies, above 0
   * @serial exclude
   */
  record EnergyPenalty(double weight) implements Remedy {

    /**
     * Checks the weight.
     *
     * @param weight the weight of the mean squared energies, above 0
     */
    public EnergyPenalty {
      checkArgument(
          weight > 0 && Double.isFinite(weight), "weight must be above 0, was %s", weight);
    }

    @Override
    public String toString() {
      return "energy penalty " + weight;
    }
  }

  /**
   * Clamps samples to bounds.
   *
   * @param low the lower bound of pixel values
   * @param high the upper bound of pixel values, above low
   * @serial exclude
   */
  record ClampSamples(double low, double high) implements Remedy {

    /**
     * Checks the bounds.
     *
     * @param low the lower bound of pixel values
     * @param high the upper bound of pixel values, above low
     */
    public ClampSamples {
      checkArgument(low < high, "bounds must be ascending, were %s and %s", low, high);
    }

    @Override
    public String toString() {
      return "samples clamped to [" + low + ", " + high + "]";
    }
  }

  /**
   * Clamps each element of the gradient that a chain follows to [-limit, limit].
   *
   * @param limit the limit, above 0
   * @serial exclude
   */
  record ClampGradients(double limit) implements Remedy {

    /**
     * Checks the limit.
     *
     * @param limit the limit, above 0
     */
    public ClampGradients {
      checkArgument(limit > 0, "limit must be above 0, was %s", limit);
    }

    @Override
    public String toString() {
      return "gradients of samples clamped to " + limit;
    }
  }
}
