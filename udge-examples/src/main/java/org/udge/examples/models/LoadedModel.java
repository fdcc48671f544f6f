package org.udge.examples.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
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
 * A model from a file, and what its training left beside it.
 *
 * @param model the model
 * @param shape the shape of its images
 * @param replayBuffer samples that Langevin training had gathered
 * @param queue logits of the negatives that contrastive training had gathered
 * @param run how it was trained
 */
public record LoadedModel(
    EnergyModel model,
    ImageShape shape,
    Optional<ReplayBuffer> replayBuffer,
    Optional<Logits> queue,
    TrainedAs run)
    implements AutoCloseable {

  /**
   * Reads a run folder, a model file of ours, or a PyTorch checkpoint ({@code .pt}, {@code .pth})
   * of the published program.
   *
   * @param norm of a PyTorch checkpoint that does not tell
   */
  public static LoadedModel read(Path path, EngineOptions engine, Optional<Norm> norm)
      throws IOException {
    if (isCheckpoint(path)) {
      return imported(path, engine, norm);
    }
    Path file = file(path);
    TrainedAs run = TrainedAs.beside(file);
    EnergyModel model = engine.load(file);
    Path last = file.toAbsolutePath().resolveSibling(RunFolder.LAST_STATE);
    if (!Files.exists(last)) {
      return new LoadedModel(model, model.shape(), Optional.empty(), Optional.empty(), run);
    }
    RunState training = RunState.read(last);
    return new LoadedModel(
        model, model.shape(), training.replayBuffer(), training.negatives(), run);
  }

  /** Whether a path is that of a PyTorch checkpoint. */
  public static boolean isCheckpoint(Path path) {
    String name = path.toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".pt") || name.endsWith(".pth");
  }

  /** The model's file: itself, or the one in a run folder. */
  static Path file(Path path) {
    return Files.isDirectory(path) ? path.resolve(RunFolder.MODEL) : path;
  }

  /** The same with its network in another mode; this one closes it. */
  public LoadedModel inMode(Mode mode) {
    return new LoadedModel(model.inMode(mode), shape, replayBuffer, queue, run);
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
