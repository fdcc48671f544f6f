package org.udge.onnx;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.internal.Checks;

/**
 * Reads classifiers in ONNX files. Files written by {@link OnnxExporter} and {@link
 * OnnxClassifier#save} contain all required information; for others, specify what the file lacks.
 *
 * <pre>{@code
 * try (OnnxClassifier classifier =
 *     OnnxClassifier.loader()
 *         .classNames(List.of("cat", "dog"))
 *         .pixelRange(PixelRange.UNIT)
 *         .load(folder.resolve("resnet.onnx"))) {
 *   System.out.println(EnergyScorer.of(classifier).score(images));
 * }
 * }</pre>
 *
 * <p>Files may come from untrusted sources. Before ONNX Runtime sees a file, its length is limited,
 * tensors whose data are in other files and operators outside of ONNX are refused, and fields that
 * this version of the schema does not define are removed. ONNX Runtime then runs the graph as
 * native code, which may take as much time and memory as the graph requires.
 *
 * <p>Not thread-safe; may be used for many files.
 */
public final class OnnxLoader {

  private Optional<String> logits = Optional.empty();
  private Optional<String> features = Optional.empty();
  private Optional<ImageShape> shape = Optional.empty();
  private Optional<PixelRange> pixelRange = Optional.empty();
  private List<String> classNames = List.of();
  private boolean refusing;
  private OptionalInt threads = OptionalInt.empty();
  private long largest = OnnxFile.LARGEST;
  private final Set<String> domains = new HashSet<>();

  OnnxLoader() {}

  /** How a missing thing is said, in brackets: in Java, and to the commands. */
  static String saying(String what) {
    return " (OnnxClassifier.loader()." + what + "(...), --onnx_" + what + " of the commands)";
  }

  /**
   * Which tensor of the graph holds the logits; it need not be an output.
   *
   * @param tensor its name; default: what the file specifies, its output {@code logits}, or its
   *     only output; if that is the output of a softmax, the input of the softmax
   * @return this
   */
  @CanIgnoreReturnValue
  public OnnxLoader logits(String tensor) {
    logits = Optional.of(tensor);
    return this;
  }

  /**
   * Which tensor of the graph holds the penultimate features; it need not be an output.
   *
   * @param tensor its name; default: what the file specifies, or the input of the matrix product
   *     that computes the logits. The weights of another tensor's features are not known: {@link
   *     OnnxClassifier#head} is empty
   * @return this
   */
  @CanIgnoreReturnValue
  public OnnxLoader features(String tensor) {
    features = Optional.of(tensor);
    return this;
  }

  /**
   * The shape of the images.
   *
   * @param value default: what the file specifies; required if it specifies none
   * @return this
   */
  @CanIgnoreReturnValue
  public OnnxLoader shape(ImageShape value) {
    shape = Optional.of(value);
    return this;
  }

  /**
   * The range of pixel values that the network was trained with. Images far outside of it cause a
   * single warning, or are refused after {@link #refuseOutOfRange()}.
   *
   * @param range default: what the file specifies, or unknown
   * @return this
   */
  @CanIgnoreReturnValue
  public OnnxLoader pixelRange(PixelRange range) {
    pixelRange = Optional.of(range);
    return this;
  }

  /**
   * Refuses images out of range with an {@link IllegalArgumentException}.
   *
   * @return this
   */
  @CanIgnoreReturnValue
  public OnnxLoader refuseOutOfRange() {
    refusing = true;
    return this;
  }

  /**
   * The names of the classes.
   *
   * @param names in the order of the logits; default: what the file specifies, or "0", "1", ...
   * @return this
   */
  @CanIgnoreReturnValue
  public OnnxLoader classNames(List<String> names) {
    checkArgument(!names.isEmpty(), "there must be at least one class name");
    classNames = List.copyOf(names);
    return this;
  }

  /**
   * The number of threads that a pass may use.
   *
   * @param count at least 1; default: ONNX Runtime's, one per physical core
   * @return this
   */
  @CanIgnoreReturnValue
  public OnnxLoader threads(int count) {
    threads = OptionalInt.of(Checks.atLeast(1, "threads", count));
    return this;
  }

  /**
   * The maximum length of a file. Reading takes about three times as much memory, two thirds of it
   * outside of the Java heap.
   *
   * @param bytes at least 1; default and maximum: 2 GiB, the maximum length of a protobuf message
   * @return this
   */
  @CanIgnoreReturnValue
  public OnnxLoader largestFile(long bytes) {
    checkArgument(
        bytes >= 1 && bytes <= OnnxFile.LARGEST,
        "the largest file must be 1 to %s bytes, was %s",
        OnnxFile.LARGEST,
        bytes);
    largest = bytes;
    return this;
  }

  /**
   * Allows an operator domain in addition to ONNX's own.
   *
   * @param domain for example {@code com.microsoft}, ONNX Runtime's additions
   * @return this
   */
  @CanIgnoreReturnValue
  public OnnxLoader allowDomain(String domain) {
    domains.add(requireNonNull(domain));
    return this;
  }

  /**
   * Reads a classifier and runs it once.
   *
   * @param file the ONNX file
   * @return the classifier; close it to free its session
   * @throws IOException if the file is absent, damaged, too large, not to be trusted, or holds no
   *     classifier whose logits can be told; the message says which
   * @throws IllegalStateException if ONNX Runtime is not on the class path, or not for this
   *     platform
   */
  public OnnxClassifier load(Path file) throws IOException {
    OnnxFile.Content content = OnnxFile.read(file, largest, domains);
    ModelProto model = content.model();
    try {
      OnnxMetadata written = OnnxMetadata.read(model);
      Outputs outputs =
          Outputs.of(model.getGraph(), logits.or(written::logits), features.or(written::features));
      Input input = Input.of(model.getGraph(), shape.or(written::shape));
      OnnxMetadata known =
          new OnnxMetadata(
              Optional.of(outputs.logits()),
              outputs.features(),
              classNames.isEmpty() ? written.classNames() : classNames,
              Optional.of(input.shape()),
              pixelRange.or(written::pixelRange),
              written.calibration(),
              written.thresholds(),
              written.provenance());
      return OnnxClassifier.open(
          new OnnxClassifier.Source(
              file,
              content.hash(),
              largest,
              Set.copyOf(domains),
              outputs.head(),
              outputs.tensors()),
          outputs.putOutBy(model),
          input,
          known,
          threads,
          refusing);
    } catch (IOException e) {
      throw new IOException("ONNX file " + file + " cannot be used: " + e.getMessage(), e);
    }
  }
}
