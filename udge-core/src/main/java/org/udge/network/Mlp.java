package org.udge.network;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import com.google.common.base.Joiner;
import com.google.common.primitives.Ints;
import java.util.List;
import java.util.Locale;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.udge.data.ImageShape;
import org.udge.random.RandomStreams;

/**
 * A multilayer perceptron for tabular data: {@code Mlp.of(64, 64)}.
 *
 * <p>Accepts [N, C, H, W] and flattens it; the recommended shape for F features is F x 1 x 1. There
 * is one dense layer with leaky rectifier (slope 0.2) for each hidden width, named {@code dense1},
 * {@code lrelu1} and so on, followed by the head {@code class_output}. Without hidden layers,
 * {@code Mlp.of()} is multinomial logistic regression.
 *
 * <p>Immutable and thread-safe: methods that set an option return a modified copy.
 */
public final class Mlp implements Architecture {

  private final List<Integer> hidden;
  private final Initialization initialization;

  private Mlp(List<Integer> hidden, Initialization initialization) {
    for (int width : hidden) {
      checkArgument(width >= 1, "hidden layers must be at least 1 wide, were %s", hidden);
    }
    requireNonNull(initialization, "initialization");
    this.hidden = List.copyOf(hidden);
    this.initialization = initialization;
  }

  /**
   * Returns a perceptron with PyTorch's initialization.
   *
   * @param hidden the widths of the hidden layers, each at least 1; may be empty
   * @return the architecture
   * @throws IllegalArgumentException if a width is below 1
   */
  public static Mlp of(int... hidden) {
    return new Mlp(Ints.asList(hidden), Initialization.PYTORCH_DEFAULT);
  }

  /**
   * Returns a copy of this architecture with another initialization of the parameters.
   *
   * @param kind the initialization
   * @return a modified copy
   */
  public Mlp withInitialization(Initialization kind) {
    return new Mlp(hidden, kind);
  }

  @Override
  public String name() {
    return hidden.isEmpty() ? "Mlp" : "Mlp-" + Joiner.on('-').join(hidden);
  }

  @Override
  public ComputationGraphConfiguration configuration(ImageShape shape, int classes) {
    GraphDraft draft = new GraphDraft(shape, classes);
    String last = GraphDraft.INPUT;
    for (int layer = 1; layer <= hidden.size(); layer++) {
      last = draft.dense("dense" + layer, last, hidden.get(layer - 1));
      last = draft.leakyRectifier("lrelu" + layer, last);
    }
    return draft.classify("class_output", last, classes);
  }

  @Override
  public ComputationGraph initialize(ImageShape shape, int classes, RandomStreams streams) {
    return initialization.initialize(configuration(shape, classes), streams);
  }

  /**
   * Returns the widths of the hidden layers.
   *
   * @return the widths, each at least 1; unmodifiable, may be empty
   */
  public List<Integer> hidden() {
    return hidden;
  }

  /**
   * Returns the initialization of the parameters.
   *
   * @return the initialization; default {@link Initialization#PYTORCH_DEFAULT}
   */
  public Initialization initialization() {
    return initialization;
  }

  private List<Object> values() {
    return List.of(hidden, initialization);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Mlp that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "Mlp[hidden=%s, initialization=%s]", values().toArray());
  }
}
