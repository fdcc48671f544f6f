package org.udge.network;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.udge.data.ImageShape;
import org.udge.random.RandomStreams;

/**
 * The wide residual network of the paper: {@code WideResNet.of(28, 10)}.
 *
 * <p>The network consists of a 3x3 convolution to 16 channels; three groups of n = (depth - 4) / 6
 * blocks with 16w, 32w and 64w channels, where w is the widening factor and the second and third
 * groups halve the size of the preceding one; normalization, leaky rectifier, global average
 * pooling and a dense head. A block is
 *
 * <pre>
 * h = dropout(conv1(lrelu(norm1(x))))
 * y = conv2(lrelu(norm2(h))) + shortcut(x)
 * </pre>
 *
 * with 3x3 convolutions, of which the second has the stride, and a 1x1 convolution as the shortcut
 * wherever the number of channels or the size changes. Every convolution has biases; leaky
 * rectifiers have slope 0.2. Layers have the names of the published program: {@code conv1}, {@code
 * layer2.0.bn1}, {@code layer2.0.conv2}, {@code layer2.0.shortcut.0}, {@code bn1}, {@code
 * class_output}; layers without a name in that program are {@code layer2.0.lrelu1}, {@code
 * layer2.0.dropout}, {@code layer2.0.lrelu2}, {@code layer2.0.add}, {@code lrelu}, {@code pool}.
 *
 * <p>Images may have any number of channels and any height and width divisible by 4. (Zagoruyko
 * &amp; Komodakis 2016, "Wide Residual Networks", as modified by Grathwohl et al. 2020 and Liu
 * &amp; Abbeel 2020.)
 *
 * <p>Immutable and thread-safe: methods that set an option return a modified copy.
 */
public final class WideResNet implements Architecture {

  private static final int BASE_CHANNELS = 16;
  private static final int GROUPS = 3;

  private final int depth;
  private final int width;
  private final double dropout;
  private final Norm norm;
  private final Initialization initialization;
  private final double batchNormDecay;

  private WideResNet(
      int depth,
      int width,
      double dropout,
      Norm norm,
      Initialization initialization,
      double batchNormDecay) {
    checkArgument(
        depth >= 10 && depth % 6 == 4,
        "depth must be 6n + 4 with n at least 1 (10, 16, 22, 28, ...), was %s",
        depth);
    checkArgument(width >= 1, "width must be at least 1, was %s", width);
    checkArgument(dropout >= 0 && dropout < 1, "dropout must be in [0, 1), was %s", dropout);
    checkArgument(
        batchNormDecay >= 0 && batchNormDecay < 1,
        "batchNormDecay must be in [0, 1), was %s",
        batchNormDecay);
    requireNonNull(norm, "norm");
    requireNonNull(initialization, "initialization");
    this.depth = depth;
    this.width = width;
    this.dropout = dropout;
    this.norm = norm;
    this.initialization = initialization;
    this.batchNormDecay = batchNormDecay;
  }

  /**
   * Returns the network of the paper: no dropout, no normalization, PyTorch's initialization.
   *
   * @param depth the number of layers, 6n + 4 with n at least 1
   * @param width the widening factor, at least 1
   * @return the architecture
   * @throws IllegalArgumentException if depth or width is out of its range
   */
  public static WideResNet of(int depth, int width) {
    return new WideResNet(depth, width, 0, Norm.NONE, Initialization.PYTORCH_DEFAULT, 0.9);
  }

  /**
   * Returns a copy of this architecture with another fraction of activations dropped between the
   * convolutions of a block.
   *
   * @param rate the fraction, in [0, 1)
   * @return a modified copy
   * @throws IllegalArgumentException if the rate is out of its range
   */
  public WideResNet withDropout(double rate) {
    return new WideResNet(depth, width, rate, norm, initialization, batchNormDecay);
  }

  /**
   * Returns a copy of this architecture with another normalization.
   *
   * @param kind the normalization
   * @return a modified copy
   */
  public WideResNet withNorm(Norm kind) {
    return new WideResNet(depth, width, dropout, kind, initialization, batchNormDecay);
  }

  /**
   * Returns a copy of this architecture with another initialization of the parameters.
   *
   * @param kind the initialization
   * @return a modified copy
   */
  public WideResNet withInitialization(Initialization kind) {
    return new WideResNet(depth, width, dropout, norm, kind, batchNormDecay);
  }

  /**
   * Returns a copy of this architecture with another weight of the old value in the running
   * averages of batch normalization. Has no effect with other normalizations.
   *
   * @param decay the weight, in [0, 1)
   * @return a modified copy
   * @throws IllegalArgumentException if the decay is out of its range
   */
  public WideResNet withBatchNormDecay(double decay) {
    return new WideResNet(depth, width, dropout, norm, initialization, decay);
  }

  @Override
  public String name() {
    return "WideResNet-" + depth + "-" + width;
  }

  @Override
  public ComputationGraphConfiguration configuration(ImageShape shape, int classes) {
    checkArgument(
        shape.height() % 4 == 0 && shape.width() % 4 == 0,
        "height and width of images must be divisible by 4 for a WideResNet, were %s x %s",
        shape.height(),
        shape.width());
    GraphDraft draft = new GraphDraft(shape, classes);
    String last = draft.convolution("conv1", GraphDraft.INPUT, BASE_CHANNELS, 3, 1);
    int channels = BASE_CHANNELS;
    for (int group = 0; group < GROUPS; group++) {
      int wanted = (BASE_CHANNELS << group) * width;
      for (int block = 0; block < (depth - 4) / 6; block++) {
        int stride = group > 0 && block == 0 ? 2 : 1;
        String prefix = "layer" + (group + 1) + "." + block + ".";
        last = block(draft, prefix, last, channels, wanted, stride);
        channels = wanted;
      }
    }
    last = norm(draft, "bn1", last);
    last = draft.leakyRectifier("lrelu", last);
    last = draft.averagePooling("pool", last);
    return draft.classify("class_output", last, classes);
  }

  private String block(
      GraphDraft draft, String prefix, String input, int channels, int wanted, int stride) {
    String last = norm(draft, prefix + "bn1", input);
    last = draft.leakyRectifier(prefix + "lrelu1", last);
    last = draft.convolution(prefix + "conv1", last, wanted, 3, 1);
    last = draft.dropout(prefix + "dropout", last, dropout);
    last = norm(draft, prefix + "bn2", last);
    last = draft.leakyRectifier(prefix + "lrelu2", last);
    last = draft.convolution(prefix + "conv2", last, wanted, 3, stride);
    String shortcut =
        stride == 1 && channels == wanted
            ? input
            : draft.convolution(prefix + "shortcut.0", input, wanted, 1, stride);
    return draft.add(prefix + "add", last, shortcut);
  }

  private String norm(GraphDraft draft, String name, String input) {
    return norm.addTo(draft, name, input, batchNormDecay);
  }

  @Override
  public ComputationGraph initialize(ImageShape shape, int classes, RandomStreams streams) {
    return initialization.initialize(configuration(shape, classes), streams);
  }

  /**
   * Returns the number of layers.
   *
   * @return the number of layers, 6n + 4 with n at least 1
   */
  public int depth() {
    return depth;
  }

  /**
   * Returns the widening factor w.
   *
   * @return the factor, at least 1
   */
  public int width() {
    return width;
  }

  /**
   * Returns the fraction of activations dropped between the convolutions of a block.
   *
   * @return the fraction, in [0, 1); default 0
   */
  public double dropout() {
    return dropout;
  }

  /**
   * Returns the normalization before each leaky rectifier.
   *
   * @return the normalization; default {@link Norm#NONE}
   */
  public Norm norm() {
    return norm;
  }

  /**
   * Returns the initialization of the parameters.
   *
   * @return the initialization; default {@link Initialization#PYTORCH_DEFAULT}
   */
  public Initialization initialization() {
    return initialization;
  }

  /**
   * Returns the weight of the old value in the running averages of batch normalization.
   *
   * @return the weight, in [0, 1); default 0.9
   */
  public double batchNormDecay() {
    return batchNormDecay;
  }

  private List<Object> values() {
    return List.of(depth, width, dropout, norm, initialization, batchNormDecay);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WideResNet that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "WideResNet[depth=%s, width=%s, dropout=%s, norm=%s, initialization=%s, batchNormDecay=%s]",
        values().toArray());
  }
}
