package org.udge.loss;

import java.util.Optional;
import org.udge.sampling.EnergyGradient;
import org.udge.state.State;

/** What the terms with Langevin samples have in common: chains, penalty, remedies and state. */
abstract class ChainLoss implements SamplingLoss {

  private final SampleChains chains;
  private double penalty;

  ChainLoss(SampleChains chains, double penalty) {
    this.chains = chains;
    this.penalty = penalty;
  }

  final SampleChains chains() {
    return chains;
  }

  final LossValue contrast(
      LossInput input, ImageGroup data, EnergyGradient dataEnergy, EnergyGradient sampleEnergy) {
    return new EnergyContrast(penalty)
        .evaluate(input, data, dataEnergy, sampleEnergy)
        .metric("sample_saturation", chains.saturation());
  }

  @Override
  public final Optional<String> adjust(Remedy remedy) {
    if (remedy instanceof Remedy.EnergyPenalty more) {
      penalty = Math.max(penalty, more.weight());
      return Optional.of("energy penalty " + penalty);
    }
    return chains.adjust(remedy);
  }

  @Override
  public final State captureState() {
    return State.builder().put("penalty", penalty).put("chains", chains.captureState()).build();
  }

  /** The replay buffer in a captured state; empty if another term of the run saved it. */
  static Optional<State> replayBuffer(State state) {
    State chains = state.getState("chains");
    return chains.has("buffer") ? Optional.of(chains.getState("buffer")) : Optional.empty();
  }

  @Override
  public final void restoreState(State state) {
    chains.restoreState(state.getState("chains"));
    penalty = state.getDouble("penalty");
  }
}
