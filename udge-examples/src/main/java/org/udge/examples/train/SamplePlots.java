package org.udge.examples.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.EnergyModel;
import org.udge.examples.plots.ImageGrid;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.ImageGroup;
import org.udge.loss.LossEnergy;
import org.udge.loss.LossFunction;
import org.udge.loss.LossSetup;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;
import org.udge.sampling.EnergyGradient;
import org.udge.sampling.Langevin;
import org.udge.sampling.LangevinSampler;
import org.udge.sampling.NoiseSource;
import org.udge.sampling.Replay;
import org.udge.sampling.ReplayBuffer;
import org.udge.training.EpochReport;
import org.udge.training.RunState;
import org.udge.training.TrainingControl;
import org.udge.training.TrainingListener;
import org.udge.training.TrainingSession;

/**
 * Occasionally draws samples during training. Works on copies of the run's memory, so the run is
 * not affected.
 *
 * @param contrast also draws with the energy of the contrastive term, if there is one
 * @param meanContrastEnergy whether that energy is the mean over chains, as in the published
 *     program, which divides each step by their number, rather than their sum
 */
record SamplePlots(
    RunEvents events,
    int every,
    Wanted wanted,
    Langevin langevin,
    Replay replay,
    Optional<ConditionalContrastive> contrast,
    boolean meanContrastEnergy,
    RandomStreams streams)
    implements TrainingListener {

  /** What to draw: samples of p(x), samples of p(x|y), or one row per class. */
  record Wanted(boolean unconditional, boolean classConditional, boolean rowPerClass) {
    boolean nothing() {
      return !unconditional && !rowPerClass;
    }
  }

  private static final int IMAGES = 64;
  private static final int COLUMNS = 8;
  private static final int PER_CLASS = 10;

  /** Chains in one pass of the network. */
  private static final int PIECE = 64;

  @Override
  public void onEpoch(TrainingSession session, EpochReport report, TrainingControl control) {
    if (report.epoch() % every != 0 || wanted.nothing()) {
      return;
    }
    try {
      new Picture(session, report).drawAll();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The pictures of one epoch. */
  private final class Picture {

    private final EnergyModel model;
    private final long epoch;
    private final long steps;
    private final RunState run;
    private final RandomStreams own;

    Picture(TrainingSession session, EpochReport report) {
      this.model = session.model();
      this.epoch = report.epoch();
      this.steps = report.steps();
      this.run = RunState.of(session.captureState());
      this.own = streams.child("pictures");
    }

    void drawAll() throws IOException {
      if (wanted.unconditional()) {
        int[] labels = wanted.classConditional() ? randomLabels() : new int[0];
        draw("x_q", IMAGES, COLUMNS, labels, List.of());
      }
      if (wanted.rowPerClass()) {
        int[] labels =
            IntStream.range(0, model.classCount() * PER_CLASS).map(i -> i / PER_CLASS).toArray();
        draw("x_q_y", labels.length, PER_CLASS, labels, model.classNames());
      }
    }

    private int[] randomLabels() {
      RandomStream random = own.stream("labels", epoch);
      return IntStream.range(0, IMAGES).map(i -> random.nextInt(model.classCount())).toArray();
    }

    private void draw(String name, int count, int columns, int[] labels, List<String> rows)
        throws IOException {
      Function<int[], EnergyGradient> energy =
          labels.length == 0 ? none -> EnergyGradient.marginal() : EnergyGradient::conditional;
      write(name, samples(name, count, labels, energy, langevin), columns, rows);
      if (contrast.isPresent() && labels.length > 0) {
        String other = "contrast_" + name;
        Langevin moves =
            meanContrastEnergy
                ? langevin.withStepSize((k, steps) -> langevin.stepSize().at(k, steps) / count)
                : langevin;
        write(other, samples(other, count, labels, contrastiveEnergy(), moves), columns, rows);
      }
    }

    private Function<int[], EnergyGradient> contrastiveEnergy() {
      LossFunction function =
          run.beginContrastive(
              contrast.orElseThrow(),
              LossSetup.of(model.classCount(), model.shape(), own.child("contrast")));
      return labels -> LossEnergy.of(function, ImageGroup.LABELED, labels);
    }

    /**
     * Runs chains in pieces, each with streams of its own, so that a pass needs no more memory with
     * many classes.
     */
    private INDArray samples(
        String name,
        int count,
        int[] labels,
        Function<int[], EnergyGradient> energy,
        Langevin moves) {
      ReplayBuffer buffer = buffer();
      LangevinSampler sampler = LangevinSampler.of(model.engine(), moves);
      List<INDArray> pieces = new ArrayList<>();
      for (int first = 0; first < count; first += PIECE) {
        int size = Math.min(PIECE, count - first);
        INDArray chains =
            Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', model.shape().batch(size));
        RandomStream starts = own.stream(name, epoch, first);
        int[] some = labels.length == 0 ? labels : Arrays.copyOfRange(labels, first, first + size);
        if (labels.length == 0) {
          buffer.draw(chains, starts);
        } else {
          buffer.draw(chains, some, starts);
        }
        sampler.run(
            chains, energy.apply(some), NoiseSource.of(own.stream(name + "/noise", epoch, first)));
        pieces.add(chains);
      }
      return pieces.size() == 1 ? pieces.get(0) : Nd4j.concat(0, pieces.toArray(new INDArray[0]));
    }

    /** The run's buffer, or an empty one, whose chains are all new. */
    private ReplayBuffer buffer() {
      Replay settings = replay.withReplacement(true);
      return run.replayBuffer(settings)
          .orElseGet(() -> ReplayBuffer.of(settings, model.shape(), model.classCount()));
    }

    private void write(String name, INDArray images, int columns, List<String> rows)
        throws IOException {
      ImageGrid grid = ImageGrid.of(images, columns);
      Path file = events.folder().file(String.format(Locale.ROOT, "%s_%06d.png", name, epoch));
      (rows.isEmpty() ? grid : grid.rowNames(rows)).write(file);
      events.picture(steps, "samples/" + name, file);
    }
  }
}
