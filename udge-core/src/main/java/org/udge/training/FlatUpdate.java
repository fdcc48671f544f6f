package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.state.State;

/**
 * An update rule applied to the whole flat parameter vector at once.
 *
 * <p>Entries that are carried along without being trained (running statistics of batch
 * normalization, whose "gradient" is the number to subtract) bypass the rule.
 */
final class FlatUpdate implements ParameterUpdate {

  /** Converts gradients into the numbers to subtract from the parameters. */
  @FunctionalInterface
  interface Rule {
    void turnIntoUpdate(INDArray flatGradient, double learningRate, long update, long epoch);
  }

  private record Range(INDArray gradient, INDArray kept) {}

  private final INDArray parameters;
  private final INDArray gradient;
  private final INDArray memory;
  private final double weightDecay;
  private final Rule rule;
  private final List<Range> untrained = new ArrayList<>();

  /**
   * Creates an update of a graph.
   *
   * @param memoryPerParameter the number of values that the rule stores per parameter
   * @param ruleOnMemory creates the rule, given its memory, a row vector of zeros
   */
  FlatUpdate(
      ComputationGraph graph,
      double weightDecay,
      int memoryPerParameter,
      Function<INDArray, Rule> ruleOnMemory) {
    if (graph.getGradientsViewArray() == null) {
      graph.initGradientsView();
    }
    this.parameters = graph.params();
    this.gradient = graph.getGradientsViewArray().reshape(parameters.length());
    this.weightDecay = weightDecay;
    this.memory =
        Nd4j.zeros(DataType.FLOAT, 1, memoryPerParameter * parameters.length())
            .castTo(parameters.dataType());
    this.rule = ruleOnMemory.apply(memory);
    for (INDArray view : UntrainedParameters.views(graph, gradient)) {
      untrained.add(new Range(view, view.dup()));
    }
  }

  @Override
  public void apply(double learningRate, double reduction, long update, long epoch) {
    for (Range range : untrained) {
      range.kept.assign(range.gradient);
    }
    if (weightDecay > 0) {
      gradient.addi(parameters.mul(weightDecay));
    }
    rule.turnIntoUpdate(gradient, learningRate, update, epoch);
    for (Range range : untrained) {
      range.gradient.assign(range.kept);
    }
    parameters.subi(gradient);
  }

  @Override
  public State captureState() {
    return State.builder().put("memory", memory.data().asFloat()).build();
  }

  @Override
  public void restoreState(State state) {
    float[] values = state.getFloats("memory");
    checkArgument(
        values.length == memory.length(),
        "optimizer state has %s numbers, this optimizer and network need %s",
        values.length,
        memory.length());
    memory.data().setData(values);
  }
}
