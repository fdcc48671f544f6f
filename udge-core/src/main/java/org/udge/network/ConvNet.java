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
 * A small convolutional network for tests, examples and easy data: {@code ConvNet.of(16, 32)}.
 *
 * <p>One stage for each number of channels: a 3x3 convolution, leaky rectifier (slope 0.2), 2x2
 * average pooling, named {@code conv1}, {@code lrelu1}, {@code pool1} and so on; then a dense layer
 * {@code dense}, {@code lrelu} and the head {@code class_output}. Height and width must be
 * divisible by 2 to the power of the number of stages.
 *
 * <p>Immutable and thread-safe: the methods that set an option return a changed copy.
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
   * A network with a dense layer of 64.
   *
   * @param channels output channels of each stage, at least one stage, each at least 1
   * @return the architecture
   * @throws IllegalArgumentException if there is no stage, or one without channels
   */
  public static ConvNet of(int... channels) {
    return new ConvNet(Ints.asList(channels), 64, Initialization.PYTORCH_DEFAULT);
  }

  /**
   * With another width of the dense layer.
   *
   * @param width at least 1
   * @return a changed copy
   * @throws IllegalArgumentException if the width is below 1
   */
  public ConvNet withHidden(int width) {
    return new ConvNet(channels, width, initialization);
  }

  /**
   * With parameters that start otherwise.
   *
   * @param kind how they start
   * @return a changed copy
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
   * Output channels of each stage.
   *
   * @return at least one stage, each at least 1; unmodifiable
   */
  public List<Integer> channels() {
    return channels;
  }

  /**
   * Width of the dense layer.
   *
   * @return at least 1; default 64
   */
  public int hidden() {
    return hidden;
  }

  /**
   * How parameters start.
   *
   * @return default {@link Initialization#PYTORCH_DEFAULT}
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
