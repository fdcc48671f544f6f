package org.udge.loss;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.udge.sampling.EnergyGradient;
import org.udge.state.State;

/** The common part of the terms with Langevin samples: chains, penalty, remedies and state. */
abstract class ChainLoss implements SamplingLoss {

  private final SampleChains chains;
  private final double ownPenalty;

  /** The remedies applied in this run that concern this term, in order. */
  private final List<Remedy> remedies = new ArrayList<>();

  private double penalty;

  ChainLoss(SampleChains chains, double penalty) {
    this.chains = chains;
    this.ownPenalty = penalty;
    this.penalty = penalty;
  }

  final SampleChains chains() {
    return chains;
  }

  final LossValue contrast(
      LossInput input, ImageGroup data, EnergyGradient dataEnergy, EnergyGradient sampleEnergy) {
    return new EnergyContrast(penalty)
        .evaluate(input, data, dataEnergy, sampleEnergy)
        .withMetric("sample_saturation", chains.saturation());
  }

  @Override
  public final Optional<String> adjust(Remedy remedy) {
    Optional<String> change = apply(remedy);
    change.ifPresent(ignored -> remedies.add(remedy));
    return change;
  }

  private Optional<String> apply(Remedy remedy) {
    if (remedy instanceof Remedy.EnergyPenalty more) {
      penalty = Math.max(penalty, more.weight());
      return Optional.of("energy penalty " + penalty);
    }
    return chains.adjust(remedy);
  }

  @Override
  public final State captureState() {
    return State.builder()
        .put("remedies", Remedy.capture(remedies))
        .put("chains", chains.captureState())
        .build();
  }

  /** Returns the replay buffer of a captured state; empty if another term of the run saved it. */
  static Optional<State> replayBuffer(State state) {
    State chains = state.getState("chains");
    return chains.has("buffer") ? Optional.of(chains.getState("buffer")) : Optional.empty();
  }

  /**
   * Restores the chains. The term keeps its own settings, modified by the remedies in the state.
   */
  @Override
  public final void restoreState(State state) {
    checkArgument(
        state.has("remedies"),
        "the state of %s has no entry 'remedies', only %s: it was written by another version of"
            + " this library; start the run again",
        chains.name(),
        state);
    List<Remedy> taken = Remedy.restore(state.getState("remedies"));
    chains.restoreState(state.getState("chains"));
    penalty = ownPenalty;
    remedies.clear();
    for (Remedy remedy : taken) {
      Optional<String> unused = adjust(remedy);
    }
  }
}
