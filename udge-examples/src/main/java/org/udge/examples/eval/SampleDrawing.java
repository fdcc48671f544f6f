package org.udge.examples.eval;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.EnergyModel;
import org.udge.engine.Logits;
import org.udge.examples.cli.Progress;
import org.udge.examples.cli.RunFolder;
import org.udge.examples.models.LoadedModel;
import org.udge.examples.plots.ImageGrid;
import org.udge.internal.HostImages;
import org.udge.random.RandomStreams;
import org.udge.sampling.ChainDiagnostics;
import org.udge.sampling.EnergyGradient;
import org.udge.sampling.LangevinSampler;
import org.udge.sampling.NoiseSource;
import org.udge.sampling.ReplayBuffer;

/** Draws samples from a trained model, and describes them. */
final class SampleDrawing {

  private static final int COLUMNS = 8;
  private static final int PER_CLASS = 10;
  private static final int PIECE = 128;

  /** Values of a round, for diagnosing the agreement of chains. */
  private static final int LEAST_STEPS = 4;

  private final LoadedModel loaded;
  private final EvaluationSampling settings;
  private final RunFolder folder;
  private final RandomStreams streams;
  private Optional<ChainDiagnostics> lastRound = Optional.empty();

  SampleDrawing(
      LoadedModel loaded, EvaluationSampling settings, RunFolder folder, RandomStreams streams) {
    this.loaded = loaded;
    this.settings = settings;
    this.folder = folder;
    this.streams = streams;
  }

  /** Chains of p(x) from noise, which continue from round to round, with an occasional grid. */
  ReplayBuffer unconditional(int printEvery) throws IOException {
    return freshBuffer(printEvery, true);
  }

  /** The buffer's images by predicted class: most probable first, one row per class. */
  ReplayBuffer byClass(int printEvery) throws IOException {
    ReplayBuffer buffer =
        settings.fresh
            ? freshBuffer(printEvery, false)
            : loaded
                .replayBuffer()
                .orElseThrow(
                    () ->
                        new IOException(
                            "no replay buffer was saved with this model: train it with --pxsgld or"
                                + " --pxysgld, or draw new samples with --fresh_samples"));
    drawRows(buffer);
    return buffer;
  }

  private ReplayBuffer freshBuffer(int printEvery, boolean grids) throws IOException {
    EnergyModel model = loaded.model();
    ReplayBuffer buffer = ReplayBuffer.of(settings.replay(), loaded.shape(), model.classCount());
    LangevinSampler sampler = LangevinSampler.of(model.engine(), settings.langevin());
    int chains = Math.min(settings.batchSize, settings.bufferSize());
    INDArray images =
        Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', loaded.shape().batch(chains));
    try (Progress progress = Progress.onStandardError("samples", "round", settings.rounds)) {
      for (int round = 0; round < settings.rounds; round++) {
        ReplayBuffer.Draw draw = buffer.draw(images, streams.stream("buffer", round));
        NoiseSource noise = NoiseSource.of(streams.stream("langevin", round));
        if (round == settings.rounds - 1) {
          // Moves chains to the same slots.
          lastRound = Optional.of(sampler.diagnose(images, EnergyGradient.marginal(), noise));
        } else {
          sampler.run(images, EnergyGradient.marginal(), noise);
        }
        buffer.store(draw.slots(), images);
        progress.at(round + 1);
        if (round % printEvery == 0 || round == settings.rounds - 1) {
          double energy = Arrays.stream(model.energy(images)).average().orElse(Double.NaN);
          progress.tell(round + 1, String.format(Locale.ROOT, "mean energy %.4f", energy));
          if (grids) {
            // In the order of the slots, so that a chain keeps its position from grid to grid.
            int[] moved = draw.slots().clone();
            Arrays.sort(moved);
            ImageGrid.of(buffer.images(moved), COLUMNS)
                .write(folder.file(String.format(Locale.ROOT, "samples_%06d.png", round)));
          }
        }
      }
    }
    return buffer;
  }

  private void drawRows(ReplayBuffer buffer) throws IOException {
    EnergyModel model = loaded.model();
    int[] slots = buffer.filled();
    Logits logits = logits(buffer);
    int classes = model.classCount();
    INDArray rows =
        Nd4j.valueArrayOf(loaded.shape().batch(classes * PER_CLASS), 1.0, DataType.FLOAT);
    for (int c = 0; c < classes; c++) {
      int label = c;
      int[] best =
          IntStream.range(0, slots.length)
              .filter(i -> logits.argMax(i) == label)
              .boxed()
              .sorted((a, b) -> Double.compare(logits.get(b, label), logits.get(a, label)))
              .limit(PER_CLASS)
              .mapToInt(i -> slots[i])
              .toArray();
      if (best.length > 0) {
        int first = c * PER_CLASS;
        HostImages.slice(rows, first, first + best.length).assign(buffer.images(best));
      }
    }
    ImageGrid.of(rows, PER_CLASS)
        .rowNames(model.classNames())
        .write(folder.file("samples_by_class.png"));
  }

  private Logits logits(ReplayBuffer buffer) {
    int[] slots = buffer.filled();
    List<Logits> pieces = new ArrayList<>();
    for (int first = 0; first < slots.length; first += PIECE) {
      int[] piece = Arrays.copyOfRange(slots, first, Math.min(slots.length, first + PIECE));
      pieces.add(loaded.model().logits(buffer.images(piece)));
    }
    return Logits.concatenate(pieces);
  }

  /**
   * The number of samples that the model assigns to each class, and their mean energies; the
   * agreement of the chains of the last round, if there were any.
   */
  Map<String, Double> numbers(ReplayBuffer buffer) {
    Logits logits = logits(buffer);
    int classes = loaded.model().classCount();
    double[] counts = new double[classes];
    double[] energies = new double[classes];
    for (int i = 0; i < logits.rows(); i++) {
      counts[logits.argMax(i)]++;
      energies[logits.argMax(i)] -= logits.logSumExp(i);
    }
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("samples/count", (double) logits.rows());
    numbers.put("samples/mean_energy", Arrays.stream(energies).sum() / logits.rows());
    for (int c = 0; c < classes; c++) {
      String name = loaded.model().classNames().get(c);
      numbers.put("samples/" + name + "/count", counts[c]);
      numbers.put("samples/" + name + "/mean_energy", energies[c] / counts[c]);
    }
    lastRound
        .filter(chains -> chains.energy().length >= LEAST_STEPS)
        .ifPresent(
            chains -> {
              numbers.put("chains/r_hat", chains.rHat());
              numbers.put("chains/bulk_effective_size", chains.bulkEffectiveSize());
              numbers.put("chains/tail_effective_size", chains.tailEffectiveSize());
            });
    return numbers;
  }
}
