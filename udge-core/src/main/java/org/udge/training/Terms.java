package org.udge.training;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.udge.engine.Logits;
import org.udge.loss.ImageGroup;
import org.udge.loss.LossFunction;
import org.udge.loss.LossInput;
import org.udge.loss.LossSetup;
import org.udge.loss.LossTerm;
import org.udge.loss.NegativeQueueSettings;
import org.udge.loss.OwnImages;
import org.udge.loss.Remedy;
import org.udge.loss.SampleContext;
import org.udge.loss.SamplingLoss;
import org.udge.published.PublishedHabit;
import org.udge.state.State;
import org.udge.state.Stateful;

/** An objective's terms within one run, with their memory. */
final class Terms implements Stateful {

  private static final Logger LOG = LoggerFactory.getLogger(Terms.class);

  private final List<ActiveTerm> all = new ArrayList<>();
  private final boolean rememberAtOnce;

  Terms(Objective objective, LossSetup setup) {
    rememberAtOnce = setup.follows(PublishedHabit.QUEUE_FED_BY_EACH_TERM);
    for (Objective.Weighted weighted : objective.terms()) {
      LossSetup own = setup.withStreams(setup.streams().child("term/" + weighted.term().name()));
      all.add(new ActiveTerm(weighted, weighted.term().begin(own)));
    }
  }

  List<ActiveTerm> all() {
    return all;
  }

  boolean anyReads(ImageGroup group) {
    return all.stream().anyMatch(term -> term.reads(group));
  }

  /** Returns whether each term remembers a step's logits as soon as it was evaluated. */
  boolean rememberAtOnce() {
    return rememberAtOnce;
  }

  /** Returns the images that the terms contribute to a step. */
  Map<ActiveTerm, OwnImages> ownImages(SampleContext context) {
    Map<ActiveTerm, OwnImages> images = new LinkedHashMap<>();
    for (ActiveTerm term : all) {
      term.function().ownImages(context).ifPresent(own -> images.put(term, own));
    }
    return images;
  }

  /** Called after a step: makes the terms remember its logits, unless they already have. */
  void remember(Map<ActiveTerm, LossInput> inputs) {
    if (!rememberAtOnce) {
      inputs.forEach((term, input) -> term.function().remember(input));
    }
  }

  void adjust(Remedy remedy) {
    for (ActiveTerm term : all) {
      if (term.function() instanceof SamplingLoss sampling) {
        sampling.adjust(remedy).ifPresent(change -> LOG.warn("{}: {}", term.name(), change));
      }
    }
  }

  @Override
  public State captureState() {
    State.Builder state = State.builder();
    all.forEach(term -> state.put(term.name(), term.function().captureState()));
    return state.build();
  }

  @Override
  public void restoreState(State state) {
    for (ActiveTerm term : all) {
      if (state.has(term.name())) {
        term.function().restoreState(state.getState(term.name()));
      } else {
        LOG.info("{} is new to the run: it starts without memory", term.name());
      }
    }
  }

  /** Returns the replay buffer of a captured state: that of the term that saves it. */
  static Optional<State> replayBuffer(State terms) {
    return Stream.of("marginal_sgld", "conditional_sgld")
        .filter(terms::has)
        .flatMap(term -> SamplingLoss.replayBuffer(terms.getState(term)).stream())
        .findFirst();
  }

  /** Returns the negatives of a captured state, the oldest first. */
  static Optional<Logits> negatives(State terms) {
    return queueOwner(terms)
        .flatMap(NegativeQueueSettings::negatives)
        .filter(logits -> logits.rows() > 0);
  }

  /** Returns the state of the queue's owner: of the terms that share a queue, only one saves it. */
  private static Optional<State> queueOwner(State terms) {
    return Stream.of("conditional_contrastive", "marginal_contrastive")
        .filter(terms::has)
        .map(terms::getState)
        .filter(state -> state.has("queue"))
        .findFirst();
  }

  /** Returns a contrastive term outside a run, with the negatives of a captured state. */
  static LossFunction begin(LossTerm term, LossSetup setup, State terms) {
    LossFunction function = term.begin(setup);
    function.restoreState(
        queueOwner(terms)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the run had no contrastive term whose negatives "
                            + term.name()
                            + " could use, only "
                            + terms)));
    return function;
  }
}
