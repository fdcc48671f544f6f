package org.udge.onnx;

import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.Calibration;
import org.udge.Classifier;
import org.udge.Threshold;
import org.udge.data.ImageCheck;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.engine.Logits;
import org.udge.evaluation.features.FeatureExtractor;
import org.udge.evaluation.features.LinearHead;
import org.udge.internal.HostImages;
import org.udge.random.RandomStreams;
import org.udge.state.AtomicFiles;

/**
 * A classifier in an ONNX file, run by ONNX Runtime.
 *
 * <p>It is evaluated and served as is: evaluators, calibrators, thresholds, the out-of-distribution
 * scores of logits and of {@linkplain #features() features}, and {@code EnergyScorer} accept it. It
 * provides no gradients: attacks, {@code odin}, {@code pxgrad}, sampling, refinement and training
 * need an {@code EnergyModel}.
 *
 * <pre>{@code
 * try (OnnxClassifier classifier = OnnxClassifier.load(folder.resolve("model.onnx"))) {
 *   Threshold line =
 *       OutOfDistributionScores.logDensity().threshold(classifier, validation, 0.05);
 *   Calibration calibration =
 *       new TemperatureScaling().fit(LabeledLogits.of(classifier, validation));
 *   classifier.withThreshold(line).withCalibration(calibration).save(folder.resolve("judged.onnx"));
 * }
 * }</pre>
 *
 * <p>Thread-safe. Views ({@link #withCalibration}, {@link #withThreshold}) share the session of the
 * classifier that was loaded, and only that classifier closes it.
 */
public final class OnnxClassifier implements Classifier, AutoCloseable {

  /** Images computed at once; larger inputs are cut into pieces of this size. */
  private static final int LARGEST_PIECE = 128;

  /** Tolerance within which the outputs of a softmax sum to 1, in single precision. */
  private static final double TOLERANCE = 1e-4;

  private final Source source;
  private final Session session;
  private final boolean ownsSession;
  private final Input input;
  private final OnnxMetadata metadata;
  private final ImageCheck check;

  private OnnxClassifier(
      Source source,
      Session session,
      boolean ownsSession,
      Input input,
      OnnxMetadata metadata,
      ImageCheck check) {
    this.source = source;
    this.session = session;
    this.ownsSession = ownsSession;
    this.input = input;
    this.metadata = metadata;
    this.check = check;
  }

  /** The origin of a graph, how it was read, and what was found in it. */
  record Source(
      Path file,
      String hash,
      long largest,
      Set<String> domains,
      Optional<LinearHead> head,
      String tensors) {}

  /**
   * Reads a classifier whose file contains all required information. This applies to files of
   * {@link OnnxExporter}, and to others with a single output, logits or a softmax over them, and
   * images of a fixed size.
   *
   * @param file the ONNX file
   * @return the classifier; close it to free its session
   * @throws IOException if the file is absent, damaged, too large, not to be trusted, or holds no
   *     classifier whose logits can be told; the message says which
   * @throws IllegalStateException if ONNX Runtime is not on the class path, or not for this
   *     platform
   */
  public static OnnxClassifier load(Path file) throws IOException {
    return loader().load(file);
  }

  /**
   * Creates a loader for files that need more information than {@link #load} has.
   *
   * @return a loader
   */
  public static OnnxLoader loader() {
    return new OnnxLoader();
  }

  static OnnxClassifier open(
      Source source,
      ModelProto model,
      Input input,
      OnnxMetadata known,
      OptionalInt threads,
      boolean refusing)
      throws IOException {
    Session session;
    try {
      session = Session.open(model, input.name(), threads);
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "reading ONNX files needs ONNX Runtime on the class path: add the dependency "
              + Session.RUNTIME,
          e);
    }
    try {
      ImageCheck shape = ImageCheck.of(input.shape());
      ImageCheck check = known.pixelRange().map(shape::withRange).orElse(shape);
      OnnxClassifier unnamed =
          new OnnxClassifier(
              source, session, true, input, known, refusing ? check.refusing() : check);
      OnnxClassifier named = unnamed.withClassNames(unnamed.probe());
      checkArgument(
          known.calibration().map(c -> c.classes() == named.classCount()).orElse(true),
          "calibration is for %s classes, the network has %s",
          known.calibration().map(Calibration::classes).orElse(0),
          named.classCount());
      return named;
    } catch (IllegalArgumentException | IllegalStateException e) {
      session.close();
      throw new IOException(e.getMessage(), e);
    } catch (RuntimeException | IOException e) {
      session.close();
      throw e;
    }
  }

  /** Runs the network on noise, checks that it computes logits, and returns their number. */
  private int probe() throws IOException {
    float[] noise = new float[2 * input.shape().size()];
    PixelRange range = metadata.pixelRange().orElse(PixelRange.SIGNED);
    RandomStreams.of(1).stream("probe").fillUniform(noise, range.low(), range.high());
    Logits logits =
        Logits.of(
            rows(HostImages.array(noise, input.shape().batch(2)), metadata.logits().orElseThrow()));
    boolean probabilities = true;
    boolean logarithms = true;
    for (int i = 0; i < logits.rows(); i++) {
      double[] row = logits.row(i);
      probabilities &=
          Math.abs(Arrays.stream(row).sum() - 1) < TOLERANCE
              && Arrays.stream(row).allMatch(p -> p >= 0 && p <= 1 + TOLERANCE);
      logarithms &= Math.abs(logits.logSumExp(i)) < TOLERANCE;
    }
    if (probabilities || logarithms) {
      throw new IOException(
          "tensor '"
              + metadata.logits().orElseThrow()
              + "' holds "
              + (probabilities ? "probabilities" : "logarithms of probabilities")
              + ", from which log p(x) cannot be recovered, and the softmax that computes them is"
              + " not an operator of the graph: export the network up to its logits, or name"
              + " their tensor"
              + OnnxLoader.saying("logits")
              + "; "
              + source.tensors());
    }
    return logits.classes();
  }

  private OnnxClassifier withClassNames(int count) {
    List<String> names = metadata.classNames();
    checkArgument(
        names.isEmpty() || names.size() == count,
        "the network has %s classes, but %s were named",
        count,
        names.size());
    return names.isEmpty()
        ? view(
            ownsSession,
            metadata.withClassNames(IntStream.range(0, count).mapToObj(Integer::toString).toList()))
        : this;
  }

  private OnnxClassifier view(boolean owner, OnnxMetadata other) {
    return new OnnxClassifier(source, session, owner, input, other, check);
  }

  @Override
  public Logits logits(INDArray images) {
    return Logits.of(rows(check.check(images), metadata.logits().orElseThrow()));
  }

  /** The numbers of a tensor, one row per image. */
  private double[][] rows(INDArray images, String tensor) {
    int count = (int) images.size(0);
    int most = input.batch() > 0 ? input.batch() : LARGEST_PIECE;
    List<double[]> rows = new ArrayList<>(count);
    for (int first = 0; first < count; first += most) {
      int end = Math.min(count, first + most);
      INDArray piece =
          end - first == count ? images : HostImages.slice(images, first, end).dup('c');
      if (input.batch() > end - first) {
        piece = filled(piece, input.batch());
      }
      Session.Values values = session.run(piece, input.of((int) piece.size(0)), tensor);
      addRows(values, (int) piece.size(0), end - first, tensor, rows);
    }
    return rows.toArray(double[][]::new);
  }

  /** Some images, padded with zeros if the graph has a fixed batch size. */
  private static INDArray filled(INDArray images, int count) {
    long[] shape = images.shape().clone();
    shape[0] = count - shape[0];
    return Nd4j.concat(0, images, Nd4j.zeros(DataType.FLOAT, shape));
  }

  private static void addRows(
      Session.Values values, int images, int wanted, String tensor, List<double[]> rows) {
    long[] shape = values.shape();
    checkState(
        shape.length >= 2 && shape[0] == images && values.numbers().length > 0,
        "tensor '%s' must hold one row for each of %s images, its shape is %s",
        tensor,
        images,
        Arrays.toString(shape));
    int size = values.numbers().length / images;
    for (int i = 0; i < wanted; i++) {
      rows.add(Arrays.copyOfRange(values.numbers(), i * size, (i + 1) * size));
    }
  }

  /**
   * The input of the matrix product that computes the logits: the features that {@code Mahalanobis}
   * and {@code NearestNeighbors} are fitted on.
   *
   * @return an extractor that shares this classifier's session
   * @throws IllegalStateException if the graph's features cannot be determined; name their tensor
   *     with {@link OnnxLoader#features}
   */
  public FeatureExtractor features() {
    String tensor =
        metadata
            .features()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "which tensor of "
                            + source.file()
                            + " holds the features cannot be determined: its logits are not"
                            + " computed by a matrix product. Name it"
                            + OnnxLoader.saying("features")
                            + "; "
                            + source.tensors()));
    INDArray blank = Nd4j.zeros(DataType.FLOAT, input.shape().batch(1));
    int size = rows(blank, tensor)[0].length;
    return new Features(tensor, size);
  }

  /**
   * The product that makes the logits of {@link #features()}, whose weights {@code
   * DecisionBoundaryDistance}, {@code NeuralCollapse}, {@code VirtualLogit} and {@code Relation}
   * need.
   *
   * @return the head; empty if the logits are made otherwise, by weights that are no constants of
   *     single or double precision, or from a tensor other than that of the features
   */
  public Optional<LinearHead> head() {
    return source.head();
  }

  private final class Features implements FeatureExtractor {
    private final String tensor;
    private final int size;

    Features(String tensor, int size) {
      this.tensor = tensor;
      this.size = size;
    }

    @Override
    public String name() {
      return "tensor " + tensor + " of " + source.file().getFileName() + ", " + size + " numbers";
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public double[][] features(INDArray images) {
      return rows(check.check(images), tensor);
    }
  }

  @Override
  public List<String> classNames() {
    return metadata.classNames();
  }

  @Override
  public ImageShape shape() {
    return input.shape();
  }

  @Override
  public Optional<PixelRange> pixelRange() {
    return metadata.pixelRange();
  }

  @Override
  public Optional<Calibration> calibration() {
    return metadata.calibration();
  }

  /**
   * The same network with calibrated probabilities. Energies do not change.
   *
   * @param fitted the calibration
   * @return a classifier that shares the session with this one, which alone closes it
   * @throws IllegalArgumentException if the calibration is for another number of classes
   */
  public OnnxClassifier withCalibration(Calibration fitted) {
    checkArgument(
        fitted.classes() == classCount(),
        "calibration is for %s classes, the classifier has %s",
        fitted.classes(),
        classCount());
    return view(false, metadata.withCalibration(fitted));
  }

  @Override
  public Optional<Threshold> threshold(String score) {
    return metadata.thresholds().stream().filter(line -> line.score().equals(score)).findFirst();
  }

  /**
   * The same network with a threshold between in and out of distribution. There is one per score;
   * an earlier threshold of the same score is replaced.
   *
   * @param line for example from {@code OutOfDistributionScore.threshold}
   * @return a classifier that shares the session with this one, which alone closes it
   */
  public OnnxClassifier withThreshold(Threshold line) {
    return view(false, metadata.withThreshold(line));
  }

  /**
   * Writes a copy of the file that was read, with the current metadata: names of the tensors of
   * logits and features, class names, calibration, thresholds. The graph is unchanged. The file
   * appears under its name only when complete.
   *
   * @param file the file to write; replaced if it exists
   * @throws IOException if the file that was read is missing or has changed, or the new file cannot
   *     be written
   */
  public void save(Path file) throws IOException {
    OnnxFile.Content content = OnnxFile.read(source.file(), source.largest(), source.domains());
    if (!content.hash().equals(source.hash())) {
      throw new IOException(
          "ONNX file " + source.file() + " has changed since it was read: load it again");
    }
    ModelProto.Builder model = content.model().toBuilder();
    metadata.write(model);
    write(model.build(), file);
  }

  static void write(ModelProto model, Path file) throws IOException {
    AtomicFiles.write(
        file,
        temporary -> {
          try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary))) {
            model.writeTo(out);
          }
        });
  }

  /** Frees the session if this classifier owns it; waits for passes in progress. */
  @Override
  public void close() {
    if (ownsSession) {
      session.close();
    }
  }

  @Override
  public String toString() {
    return "OnnxClassifier[" + source.file().getFileName() + ", " + classCount() + " classes]";
  }
}
