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
 * A small convolutional network for tests, examples and simple data sets: {@code ConvNet.of(16,
 * 32)}.
 *
 * <p>There is one stage for each number of channels: a 3x3 convolution, a leaky rectifier (slope
 * 0.2) and 2x2 average pooling, named {@code conv1}, {@code lrelu1}, {@code pool1} and so on; then
 * a dense layer {@code dense}, {@code lrelu} and the head {@code class_output}. Height and width
 * must be divisible by 2 to the power of the number of stages.
 *
 * <p>Immutable and thread-safe: methods that set an option return a modified copy.
 */
public final class ConvNet implements Architecture {

  private final List<Integer> channels;
  private final int hidden;
  private final Initialization initialization;

  private ConvNet(List<Integer> channels, int hidden, Initialization initialization) {
    checkArgument(!channels.isEmpty(), "channels must name at least one stage");
    for (int count : channels) {
      checkArgument(count >= 1, "channels must be at least 1 in each stage, were %s", channels);
    }
    checkArgument(hidden >= 1, "hidden must be at least 1, was %s", hidden);
    requireNonNull(initialization, "initialization");
    this.channels = List.copyOf(channels);
    this.hidden = hidden;
    this.initialization = initialization;
  }

  /**
   * Returns a network with a dense layer of width 64.
   *
   * @param channels the number of output channels of each stage; at least one stage, each at least
   *     1
   * @return the architecture
   * @throws IllegalArgumentException if there is no stage, or a stage has no channels
   */
  public static ConvNet of(int... channels) {
    return new ConvNet(Ints.asList(channels), 64, Initialization.PYTORCH_DEFAULT);
  }

  /**
   * Returns a copy of this architecture with another width of the dense layer.
   *
   * @param width the width, at least 1
   * @return a modified copy
   * @throws IllegalArgumentException if the width is below 1
   */
  public ConvNet withHidden(int width) {
    return new ConvNet(channels, width, initialization);
  }

  /**
   * Returns a copy of this architecture with another initialization of the parameters.
   *
   * @param kind the initialization
   * @return a modified copy
   */
  public ConvNet withInitialization(Initialization kind) {
    return new ConvNet(channels, hidden, kind);
  }

  @Override
  public String name() {
    return "ConvNet-" + Joiner.on('-').join(channels);
  }

  @Override
  public ComputationGraphConfiguration configuration(ImageShape shape, int classes) {
    int factor = 1 << channels.size();
    checkArgument(
        shape.height() % factor == 0 && shape.width() % factor == 0,
        "height and width of images must be divisible by %s for a %s, were %s x %s",
        factor,
        name(),
        shape.height(),
        shape.width());
    GraphDraft draft = new GraphDraft(shape, classes);
    String last = GraphDraft.INPUT;
    for (int stage = 1; stage <= channels.size(); stage++) {
      last = draft.convolution("conv" + stage, last, channels.get(stage - 1), 3, 1);
      last = draft.leakyRectifier("lrelu" + stage, last);
      last = draft.halve("pool" + stage, last);
    }
    last = draft.dense("dense", last, hidden);
    last = draft.leakyRectifier("lrelu", last);
    return draft.classify("class_output", last, classes);
  }

  @Override
  public ComputationGraph initialize(ImageShape shape, int classes, RandomStreams streams) {
    return initialization.initialize(configuration(shape, classes), streams);
  }

  /**
   * Returns the number of output channels of each stage.
   *
   * @return the numbers of channels, at least one, each at least 1; unmodifiable
   */
  public List<Integer> channels() {
    return channels;
  }

  /**
   * Returns the width of the dense layer.
   *
   * @return the width, at least 1; default 64
   */
  public int hidden() {
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
    return List.of(channels, hidden, initialization);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ConvNet that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "ConvNet[channels=%s, hidden=%s, initialization=%s]", values().toArray());
  }
}
