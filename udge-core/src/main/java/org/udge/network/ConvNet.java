package org.udge.network;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.base.Joiner;
import com.google.common.primitives.Ints;
import java.util.List;
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
 *
 * @param channels output channels of each stage, at least one stage, each at least 1
 * @param hidden width of the dense layer, at least 1; default 64
 * @param initialization how parameters start; default {@link Initialization#PYTORCH_DEFAULT}
 */
public record ConvNet(List<Integer> channels, int hidden, Initialization initialization)
    implements Architecture {

  /**
   * Checks the settings.
   *
   * @param channels output channels of each stage; copied
   * @param hidden width of the dense layer
   * @param initialization how parameters start
   * @throws IllegalArgumentException if one is out of its range
   */
  public ConvNet {
    channels = List.copyOf(channels);
    checkArgument(!channels.isEmpty(), "channels must name at least one stage");
    for (int count : channels) {
      checkArgument(count >= 1, "channels must be at least 1 in each stage, were %s", channels);
    }
    checkArgument(hidden >= 1, "hidden must be at least 1, was %s", hidden);
    requireNonNull(initialization, "initialization");
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
  public ConvNet hidden(int width) {
    return new ConvNet(channels, width, initialization);
  }

  /**
   * With parameters that start otherwise.
   *
   * @param kind how they start
   * @return a changed copy
   */
  public ConvNet initialization(Initialization kind) {
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
  public ComputationGraph initialise(ImageShape shape, int classes, RandomStreams streams) {
    return initialization.initialise(configuration(shape, classes), streams);
  }
}
