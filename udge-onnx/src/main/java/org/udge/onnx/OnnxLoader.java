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
 * Reads classifiers in ONNX files. What {@link OnnxExporter} and {@link OnnxClassifier#save} wrote
 * says all there is to know; of others, say what the file does not.
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
 * <p>Files may come from strangers. Before ONNX Runtime sees a file, its length is limited, tensors
 * whose data are in other files are refused, and so are operators outside of ONNX; parts that this
 * version does not know are left out. ONNX Runtime then runs the graph as native code: it may take
 * as much time and memory as the graph asks for.
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
   * @param tensor its name; default: what the file says, its output {@code logits}, or its only
   *     output. Where that comes out of a softmax, what goes in
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
   * @param tensor its name; default: what the file says, or what goes into the matrix product that
   *     makes the logits. The weights of another tensor's features are not known: {@link
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
   * @param value default: what the file says; needed where it says none
   * @return this
   */
  @CanIgnoreReturnValue
  public OnnxLoader shape(ImageShape value) {
    shape = Optional.of(value);
    return this;
  }

  /**
   * The range of the numbers in images, as the network was trained with. Images far out of it are
   * answered with one warning, or refused after {@link #refuseOutOfRange()}.
   *
   * @param range default: what the file says, or not known
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
   * @param names in the order of the logits; default: what the file says, or "0", "1", ...
   * @return this
   */
  @CanIgnoreReturnValue
  public OnnxLoader classNames(List<String> names) {
    checkArgument(!names.isEmpty(), "there must be at least one class name");
    classNames = List.copyOf(names);
    return this;
  }

  /**
   * How many threads a pass may use.
   *
   * @param count at least 1; default: ONNX Runtime's, one for each physical core
   * @return this
   */
  @CanIgnoreReturnValue
  public OnnxLoader threads(int count) {
    threads = OptionalInt.of(Checks.atLeast(1, "threads", count));
    return this;
  }

  /**
   * The length of the largest file that is read. Reading takes about three times that much memory,
   * two thirds of it outside of the Java heap.
   *
   * @param bytes at least 1; default and most: 2 GiB, the longest message of protobuf
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
   * A domain of operators that files may use beside ONNX's own.
   *
   * @param domain for example {@code com.microsoft}: what ONNX Runtime adds
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
