package org.udge.examples.models;

import com.google.common.base.Suppliers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.Calibration;
import org.udge.Classifier;
import org.udge.EnergyModel;
import org.udge.PredictionSets;
import org.udge.Provenance;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.engine.Logits;
import org.udge.engine.Mode;
import org.udge.evaluation.features.FeatureExtractor;
import org.udge.evaluation.features.LinearHead;
import org.udge.evaluation.features.NetworkFeatures;
import org.udge.examples.cli.EngineOptions;
import org.udge.examples.cli.RunFolder;
import org.udge.interop.ImportedWideResNet;
import org.udge.interop.PyTorchWideResNet;
import org.udge.network.Norm;
import org.udge.sampling.Replay;
import org.udge.sampling.ReplayBuffer;
import org.udge.training.RunState;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * A model from a file, and the files that its training left next to it. Those are read on demand: a
 * model is usable without them. Not thread-safe.
 */
public final class LoadedModel implements AutoCloseable {

  private final Classifier classifier;
  private final TrainedAs run;
  private final Supplier<Optional<ReplayBuffer>> replayBuffer;
  private final Supplier<Optional<Logits>> queue;

  private LoadedModel(
      Classifier classifier,
      TrainedAs run,
      Supplier<Optional<ReplayBuffer>> replayBuffer,
      Supplier<Optional<Logits>> queue) {
    this.classifier = classifier;
    this.run = run;
    this.replayBuffer = replayBuffer;
    this.queue = queue;
  }

  /**
   * Reads a run folder, a model file of this library, a PyTorch checkpoint ({@code .pt}, {@code
   * .pth}) of the published program, or a classifier in an ONNX file ({@code .onnx}).
   *
   * @param norm the norm of a PyTorch checkpoint that does not determine it
   * @param onnx properties that an ONNX file does not declare
   */
  public static LoadedModel read(
      Path path, EngineOptions engine, Optional<Norm> norm, OnnxOptions onnx) throws IOException {
    if (isCheckpoint(path)) {
      return imported(path, engine, norm);
    }
    Path file = file(path);
    TrainedAs run = TrainedAs.beside(file);
    if (OnnxModel.isOnnx(path)) {
      OnnxModel model = OnnxModel.read(path, engine, onnx);
      return new LoadedModel(model, run, Optional::empty, Optional::empty);
    }
    EnergyModel model = engine.load(file);
    Path last = file.toAbsolutePath().resolveSibling(RunFolder.LAST_STATE);
    Supplier<Optional<RunState>> state = Suppliers.memoize(() -> state(last));
    return new LoadedModel(
        model,
        run,
        Suppliers.memoize(() -> state.get().flatMap(RunState::replayBuffer)),
        Suppliers.memoize(() -> state.get().flatMap(RunState::negatives)));
  }

  private static Optional<RunState> state(Path file) {
    try {
      return Files.exists(file) ? Optional.of(RunState.read(file)) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a path is that of a PyTorch checkpoint. */
  public static boolean isCheckpoint(Path path) {
    String name = path.toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".pt") || name.endsWith(".pth");
  }

  /** The model's file: the path itself, or the file in a run folder. */
  static Path file(Path path) {
    return Files.isDirectory(path) ? path.resolve(RunFolder.MODEL) : path;
  }

  /** The classifier: enough for evaluation by logits and features. */
  public Classifier classifier() {
    return classifier;
  }

  /**
   * The model, for methods that need gradients or the network; see {@link #requireModel}.
   *
   * @throws IllegalStateException if it is in an ONNX file
   */
  public EnergyModel model() {
    if (classifier instanceof EnergyModel model) {
      return model;
    }
    throw new IllegalStateException(
        classifier + " provides only logits and features, and this needs a model of udge");
  }

  /**
   * Refuses a classifier in an ONNX file.
   *
   * @param what the method that needs more, for the message
   * @param line the command line, for errors
   */
  public void requireModel(String what, CommandLine line) {
    if (!(classifier instanceof EnergyModel)) {
      throw new ParameterException(
          line,
          what
              + " needs gradients or the network itself: --load_path "
              + classifier
              + " provides only logits and features. Name a run folder, a model.zip or a PyTorch"
              + " checkpoint");
    }
  }

  /** The penultimate features; the caller closes them. */
  ClosableFeatures features() {
    if (classifier instanceof OnnxModel onnx) {
      return new ClosableFeatures(onnx.features(), onnx.head(), () -> {});
    }
    NetworkFeatures features = NetworkFeatures.of(model());
    return new ClosableFeatures(features, Optional.of(features.head()), features::close);
  }

  /**
   * Features, and the resource to close.
   *
   * @param head the layer that computes logits from them, if it is known
   */
  record ClosableFeatures(FeatureExtractor extractor, Optional<LinearHead> head, Runnable closing)
      implements AutoCloseable {
    @Override
    public void close() {
      closing.run();
    }
  }

  /** Versions, machine and engine. */
  public Provenance provenance() {
    return classifier instanceof EnergyModel model
        ? Provenance.capture(model.engine())
        : Provenance.ofProcess().with("engine", "onnxruntime");
  }

  /**
   * Writes a copy with a calibration.
   *
   * @param sets prediction sets fitted after it, if any
   * @param folder the folder for {@code model.zip}, or {@code model.onnx} for a classifier in an
   *     ONNX file
   * @return the file
   */
  public Path saveCalibrated(Calibration calibration, Optional<PredictionSets> sets, Path folder)
      throws IOException {
    if (classifier instanceof OnnxModel onnx) {
      if (sets.isPresent() || calibration.curve().isPresent()) {
        throw new IOException(
            "an ONNX file keeps a scale and a bias for each class: neither --set_coverage nor"
                + " --calibration platt or isotonic can be saved in one");
      }
      Path file = folder.resolve("model.onnx");
      onnx.save(calibration, file);
      return file;
    }
    Path file = folder.resolve(RunFolder.MODEL);
    EnergyModel calibrated = model().withCalibration(calibration);
    sets.map(calibrated::withPredictionSets).orElse(calibrated).save(file);
    return file;
  }

  /** The shape of its images. */
  public ImageShape shape() {
    return classifier.shape();
  }

  /** Its training. */
  public TrainedAs run() {
    return run;
  }

  /**
   * Samples from the replay buffer of Langevin training.
   *
   * @throws UncheckedIOException if the file they are in cannot be read
   */
  public Optional<ReplayBuffer> replayBuffer() {
    return replayBuffer.get();
  }

  /**
   * Logits from the queue of negatives of contrastive training.
   *
   * @throws UncheckedIOException if the file they are in cannot be read
   */
  public Optional<Logits> queue() {
    return queue.get();
  }

  /** The same model with its network in another mode; this object closes it. */
  public LoadedModel inMode(Mode mode) {
    return mode == Mode.EVALUATION
        ? this
        : new LoadedModel(model().inMode(mode), run, replayBuffer, queue);
  }

  private static LoadedModel imported(Path path, EngineOptions engine, Optional<Norm> norm)
      throws IOException {
    PyTorchWideResNet importer = PyTorchWideResNet.importer();
    ImportedWideResNet found = norm.map(importer::norm).orElse(importer).read(path);
    EnergyModel model =
        engine
            .configure(
                EnergyModel.builder(found.graph())
                    .shape(found.shape())
                    .pixelRange(PixelRange.SIGNED))
            .build();
    Optional<ReplayBuffer> samples =
        found
            .replayBuffer()
            .map(images -> buffer(images.toINDArray().castTo(DataType.FLOAT), found));
    Optional<Logits> negatives =
        found.queue().map(queue -> Logits.of(transposed(queue.logits().toINDArray())));
    return new LoadedModel(model, TrainedAs.UNKNOWN, () -> samples, () -> negatives);
  }

  private static ReplayBuffer buffer(INDArray images, ImportedWideResNet found) {
    int size = (int) images.size(0);
    ReplayBuffer buffer = ReplayBuffer.of(Replay.ofSize(size), found.shape(), found.classes());
    buffer.fill(images);
    return buffer;
  }

  private static INDArray transposed(INDArray columns) {
    return columns.castTo(DataType.FLOAT).transpose().dup('c');
  }

  @Override
  public void close() {
    if (classifier instanceof OnnxModel onnx) {
      onnx.close();
    } else {
      model().close();
    }
  }
}
