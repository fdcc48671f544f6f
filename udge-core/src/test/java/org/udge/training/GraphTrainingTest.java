package org.udge.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.loss.CrossEntropy;
import org.udge.loss.ImageGroup;
import org.udge.loss.LossFunction;
import org.udge.loss.LossSetup;
import org.udge.loss.LossTerm;
import org.udge.loss.LossValue;
import org.udge.loss.Remedy;
import org.udge.network.WideResNet;
import org.udge.state.State;

/** What a Deeplearning4j graph brings: updaters, counters, listeners. */
class GraphTrainingTest {

  private final TinyData data = new TinyData(60, 12);

  private static EnergyModel model() {
    return EnergyModel.builder(WideResNet.of(10, 1))
        .shape(TinyData.SHAPE)
        .classes(TinyData.CLASSES)
        .build();
  }

  /** Not a number at its first evaluation in a run of the program. */
  private record BreaksOnce() implements LossTerm {
    @Override
    public String name() {
      return "breaks_once";
    }

    @Override
    public Set<ImageGroup> groups() {
      return Set.of(ImageGroup.LABELED);
    }

    @Override
    public LossFunction begin(LossSetup setup) {
      List<Object> calls = new ArrayList<>();
      return input -> {
        calls.add(input);
        return LossValue.of(calls.size() == 1 ? Double.NaN : 0);
      };
    }
  }

  private INDArray moveOfFirstStep(boolean rolledBack) {
    try (EnergyModel model = model()) {
      INDArray before = model.graph().params().dup();
      Objective plain = Objective.of(CrossEntropy.ofDefaults());
      Trainer.Builder trainer =
          Trainer.builder(model, rolledBack ? plain.plus(new BreaksOnce()) : plain)
              .optimizer(Optimizer.ofGraph())
              .guard(
                  DivergenceGuard.ofDefaults()
                      .withPolicy(List.of(List.of(new Remedy.LowerRate(0.25)))))
              .maxSteps(1)
              .keepLast();
      TrainingResult result = trainer.build().fit(data);
      assertThat(result.events()).hasSize(rolledBack ? 1 : 0);
      return model.graph().params().sub(before);
    }
  }

  @Test
  void a_lower_rate_makes_the_graphs_own_updates_smaller() {
    INDArray whole = moveOfFirstStep(false);
    INDArray quarter = moveOfFirstStep(true);
    assertThat(whole.norm2Number().doubleValue()).isPositive();
    assertThat(quarter.distance2(whole.mul(0.25)) / whole.norm2Number().doubleValue())
        .isCloseTo(0, within(1e-4));
  }

  /** Notes what it hears. */
  private static final class Notes extends BaseTrainingListener {
    private final List<String> heard = new ArrayList<>();

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
      heard.add("iteration " + iteration + " of epoch " + epoch);
      assertThat(model.score()).isPositive();
    }

    @Override
    public void onEpochStart(Model model) {
      heard.add("start of epoch " + ((ComputationGraph) model).getEpochCount());
    }

    @Override
    public void onEpochEnd(Model model) {
      heard.add("end of epoch " + ((ComputationGraph) model).getEpochCount());
    }
  }

  @Test
  void listeners_of_the_graph_hear_of_updates_and_epochs() {
    try (EnergyModel model = model()) {
      Notes notes = new Notes();
      model.graph().setListeners(notes);
      Trainer.builder(model, Objective.of(CrossEntropy.ofDefaults()))
          .accumulation(3)
          .epochs(2)
          .build()
          .fit(data);
      assertThat(notes.heard)
          .containsExactly(
              "start of epoch 0",
              "iteration 0 of epoch 0",
              "iteration 1 of epoch 0",
              "end of epoch 0",
              "start of epoch 1",
              "iteration 2 of epoch 1",
              "iteration 3 of epoch 1",
              "end of epoch 1");
      assertThat(model.graph().getIterationCount()).isEqualTo(4);
      assertThat(model.graph().getEpochCount()).isEqualTo(2);
      assertThat(model.graph().getLayer(0).getIterationCount()).isEqualTo(4);
    }
  }

  @Test
  void counts_go_on_from_those_of_the_graph_and_of_a_state() {
    State state;
    Objective objective = Objective.of(CrossEntropy.ofDefaults());
    try (EnergyModel model = model()) {
      model.graph().getConfiguration().setIterationCount(100);
      model.graph().getConfiguration().setEpochCount(7);
      TrainingSession session = Trainer.builder(model, objective).maxSteps(6).build().begin();
      session.run(data);
      assertThat(model.graph().getIterationCount()).isEqualTo(105);
      assertThat(model.graph().getEpochCount()).isEqualTo(8);
      state = session.captureState();
    }
    try (EnergyModel model = model()) {
      TrainingSession session = Trainer.builder(model, objective).epochs(2).build().begin();
      session.restoreState(state);
      session.run(data);
      assertThat(model.graph().getIterationCount()).isEqualTo(110);
      assertThat(model.graph().getEpochCount()).isEqualTo(9);
    }
  }
}
