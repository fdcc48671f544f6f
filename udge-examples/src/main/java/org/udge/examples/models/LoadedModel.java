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
import org.udge.EnergyModel;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.engine.Logits;
import org.udge.engine.Mode;
import org.udge.examples.cli.EngineOptions;
import org.udge.examples.cli.RunFolder;
import org.udge.interop.ImportedWideResNet;
import org.udge.interop.PyTorchWideResNet;
import org.udge.network.Norm;
import org.udge.sampling.Replay;
import org.udge.sampling.ReplayBuffer;
import org.udge.training.RunState;

/**
 * A model from a file, and what its training left beside it. That is read when it is asked for: a
 * model is sound without. Not thread-safe.
 */
public final class LoadedModel implements AutoCloseable {

  private final EnergyModel model;
  private final ImageShape shape;
  private final TrainedAs run;
  private final Supplier<Optional<ReplayBuffer>> replayBuffer;
  private final Supplier<Optional<Logits>> queue;

  private LoadedModel(
      EnergyModel model,
      ImageShape shape,
      TrainedAs run,
      Supplier<Optional<ReplayBuffer>> replayBuffer,
      Supplier<Optional<Logits>> queue) {
    this.model = model;
    this.shape = shape;
    this.run = run;
    this.replayBuffer = replayBuffer;
    this.queue = queue;
  }

  /**
   * Reads a run folder, a model file of ours, or a PyTorch checkpoint ({@code .pt}, {@code .pth})
   * of the published program.
   *
   * @param norm of a PyTorch checkpoint that does not tell
   */
  public static LoadedModel read(Path path, EngineOptions engine, Optional<Norm> norm)
      throws IOException {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".pt") || name.endsWith(".pth")) {
      return imported(path, engine, norm);
    }
    Path file = Files.isDirectory(path) ? path.resolve(RunFolder.MODEL) : path;
    TrainedAs run = TrainedAs.beside(file);
    EnergyModel model = engine.load(file);
    Path last = file.toAbsolutePath().resolveSibling(RunFolder.LAST_STATE);
    Supplier<Optional<RunState>> state = Suppliers.memoize(() -> state(last));
    return new LoadedModel(
        model,
        model.shape(),
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

  public EnergyModel model() {
    return model;
  }

  /** The shape of its images. */
  public ImageShape shape() {
    return shape;
  }

  /** How it was trained. */
  public TrainedAs run() {
    return run;
  }

  /**
   * Samples that Langevin training had gathered.
   *
   * @throws UncheckedIOException if the file they are in cannot be read
   */
  public Optional<ReplayBuffer> replayBuffer() {
    return replayBuffer.get();
  }

  /**
   * Logits of the negatives that contrastive training had gathered.
   *
   * @throws UncheckedIOException if the file they are in cannot be read
   */
  public Optional<Logits> queue() {
    return queue.get();
  }

  /** The same with its network in another mode; this one closes it. */
  public LoadedModel inMode(Mode mode) {
    return new LoadedModel(model.inMode(mode), shape, run, replayBuffer, queue);
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
    return new LoadedModel(model, found.shape(), TrainedAs.UNKNOWN, () -> samples, () -> negatives);
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
    model.close();
  }
}
