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
 * <p>A 3x3 convolution to 16 channels; three groups of n = (depth - 4) / 6 blocks with 16w, 32w and
 * 64w channels, the second and third at half the size of the one before; norm, leaky rectifier,
 * global average pooling, dense head. A block is
 *
 * <pre>
 * h = dropout(conv1(lrelu(norm1(x))))
 * y = conv2(lrelu(norm2(h))) + shortcut(x)
 * </pre>
 *
 * with 3x3 convolutions, the stride on the second, and a 1x1 convolution as shortcut wherever
 * channels or size change. Every convolution has biases, leaky rectifiers have slope 0.2. Layers
 * are named as in the published program: {@code conv1}, {@code layer2.0.bn1}, {@code
 * layer2.0.conv2}, {@code layer2.0.shortcut.0}, {@code bn1}, {@code class_output}; those that
 * program does not name are {@code layer2.0.lrelu1}, {@code layer2.0.dropout}, {@code
 * layer2.0.lrelu2}, {@code layer2.0.add}, {@code lrelu}, {@code pool}.
 *
 * <p>Any number of channels, any height and width divisible by 4. (Zagoruyko &amp; Komodakis 2016,
 * "Wide Residual Networks", as changed by Grathwohl et al. 2020 and Liu &amp; Abbeel 2020.)
 *
 * <p>Immutable and thread-safe: the methods that set an option return a changed copy.
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
   * The network of the paper: no dropout, no norm, PyTorch's initialization.
   *
   * @param depth number of layers, 6n + 4 with n at least 1
   * @param width widening factor, at least 1
   * @return the architecture
   * @throws IllegalArgumentException if depth or width is out of its range
   */
  public static WideResNet of(int depth, int width) {
    return new WideResNet(depth, width, 0, Norm.NONE, Initialization.PYTORCH_DEFAULT, 0.9);
  }

  /**
   * With another share of activations dropped between a block's convolutions.
   *
   * @param rate in [0, 1)
   * @return a changed copy
   * @throws IllegalArgumentException if the rate is out of its range
   */
  public WideResNet withDropout(double rate) {
    return new WideResNet(depth, width, rate, norm, initialization, batchNormDecay);
  }

  /**
   * With another normalization.
   *
   * @param kind what to normalize by
   * @return a changed copy
   */
  public WideResNet withNorm(Norm kind) {
    return new WideResNet(depth, width, dropout, kind, initialization, batchNormDecay);
  }

  /**
   * With parameters that start otherwise.
   *
   * @param kind how they start
   * @return a changed copy
   */
  public WideResNet withInitialization(Initialization kind) {
    return new WideResNet(depth, width, dropout, norm, kind, batchNormDecay);
  }

  /**
   * With another weight of the old value in batch normalization's running averages. Of no effect
   * with other norms.
   *
   * @param decay in [0, 1)
   * @return a changed copy
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
   * Number of layers.
   *
   * @return 6n + 4 with n at least 1
   */
  public int depth() {
    return depth;
  }

  /**
   * Widening factor w.
   *
   * @return at least 1
   */
  public int width() {
    return width;
  }

  /**
   * Share of activations dropped between a block's convolutions.
   *
   * @return in [0, 1); default 0
   */
  public double dropout() {
    return dropout;
  }

  /**
   * Normalization before each leaky rectifier.
   *
   * @return default {@link Norm#NONE}
   */
  public Norm norm() {
    return norm;
  }

  /**
   * How parameters start.
   *
   * @return default {@link Initialization#PYTORCH_DEFAULT}
   */
  public Initialization initialization() {
    return initialization;
  }

  /**
   * Weight of the old value in batch normalization's running averages.
   *
   * @return in [0, 1); default 0.9
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
