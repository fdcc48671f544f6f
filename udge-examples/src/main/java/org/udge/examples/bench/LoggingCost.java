package org.udge.examples.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.TrainingData;
import org.udge.training.EpochReport;
import org.udge.training.LearningRate;
import org.udge.training.Objective;
import org.udge.training.StepReport;
import org.udge.training.Trainer;
import org.udge.training.TrainingControl;
import org.udge.training.TrainingListener;
import org.udge.training.TrainingResult;
import org.udge.training.TrainingSession;
import org.udge.training.report.ProgressCsv;
import org.udge.training.report.TensorBoardListener;

/**
 * Measures the cost of logging: the time that the listeners take during training, which is far
 * smaller than the differences between two training runs would be.
 *
 * @param steps of an epoch, of which the second is measured
 * @param logEvery steps between rows and points within the epoch
 */
record LoggingCost(int steps, int logEvery) {

  /**
   * The measurement.
   *
   * @param milliseconds of a step, everything included
   * @param share the share of it that is spent in the listeners
   */
  record Result(double milliseconds, double share) {}

  Result measure(EnergyModel model, Objective objective, Batch batch) throws IOException {
    Path folder = Files.createTempDirectory("udge-logging");
    try {
      Timed listeners =
          new Timed(
              List.of(
                  ProgressCsv.of(folder.resolve("progress.csv")).withPointsEvery(logEvery),
                  TensorBoardListener.of(folder)
                      .withPointsEvery(logEvery)
                      .withHyperparameters(Map.of("steps", steps))));
      Trainer.builder(model, objective)
          .learningRate(LearningRate.constant(1e-4))
          .epochs(2)
          .listener(listeners)
          .build()
          .fit(new Same(batch, steps, model.classNames()));
      return new Result(
          listeners.epochNanoseconds() / 1e6 / steps,
          (double) listeners.nanoseconds / listeners.epochNanoseconds());
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** The same batch in every step. */
  private record Same(Batch batch, int batchesPerEpoch, List<String> classNames)
      implements TrainingData {
    @Override
    public ImageShape shape() {
      return ImageShape.CIFAR;
    }

    @Override
    public Batch batch(long epoch, int index) {
      return batch;
    }
  }

  /** Sums the time of listeners over the last epoch. */
  private static final class Timed implements TrainingListener {
    private final List<TrainingListener> listeners;
    private long nanoseconds;
    private long epochBegan;
    private long epochEnded;

    Timed(List<TrainingListener> listeners) {
      this.listeners = listeners;
    }

    long epochNanoseconds() {
      return epochEnded - epochBegan;
    }

    @Override
    public void onStart(TrainingSession session, long epochs, int stepsPerEpoch) {
      listeners.forEach(each -> each.onStart(session, epochs, stepsPerEpoch));
    }

    @Override
    public void onStep(StepReport report, TrainingControl control) {
      long begin = System.nanoTime();
      listeners.forEach(each -> each.onStep(report, control));
      nanoseconds += System.nanoTime() - begin;
    }

    @Override
    public void onEpoch(TrainingSession session, EpochReport report, TrainingControl control) {
      long begin = System.nanoTime();
      listeners.forEach(each -> each.onEpoch(session, report, control));
      epochEnded = System.nanoTime();
      nanoseconds += epochEnded - begin;
      if (report.epoch() == 0) {
        // Everything measured so far was warm-up for the compilers.
        nanoseconds = 0;
        epochBegan = epochEnded;
      }
    }

    @Override
    public void onEnd(TrainingResult result) {
      listeners.forEach(each -> each.onEnd(result));
    }
  }
}
