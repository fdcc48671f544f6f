package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Optional;
import org.udge.data.Batch;
import org.udge.data.TrainingData;
import org.udge.random.RandomStreams;
import org.udge.state.State;
import org.udge.state.Stateful;

/** The averaged parameters of a run, if averaging is enabled. */
final class AveragedWeights implements Stateful {

  private final Optional<WeightAveraging> settings;
  private final TrainedModel trained;
  private final RandomStreams streams;

  /** The average of the flat parameters; never modified in place, because states share it. */
  private float[] average = {};

  /** The number of parameter vectors averaged. */
  private long count;

  AveragedWeights(Optional<WeightAveraging> settings, TrainedModel trained, RandomStreams streams) {
    this.settings = settings;
    this.trained = trained;
    this.streams = streams.child("averaged weights");
  }

  /**
   * Called after an update.
   *
   * @param epoch the epoch that the update belongs to
   * @param endsEpoch whether it is the last update of the epoch
   */
  void updated(long epoch, boolean endsEpoch) {
    if (settings.isEmpty() || !settings.get().takes(epoch, endsEpoch)) {
      return;
    }
    float[] parameters = trained.copyParameters();
    if (count > 0) {
      double old = settings.get().weightOfOld(count);
      for (int i = 0; i < parameters.length; i++) {
        parameters[i] += (float) (old * ((double) average[i] - parameters[i]));
      }
    }
    average = parameters;
    count++;
  }

  /**
   * Makes the model use the average, if there is one, until the next step.
   *
   * @param data training images for computing running statistics
   * @param epoch the epoch whose batches are used
   */
  void show(TrainingData data, long epoch) {
    if (count == 0) {
      return;
    }
    trained.show(average);
    int batches = Math.min(settings.orElseThrow().statisticsBatches(), data.batchesPerEpoch());
    NormalizationStatistics.of(trained.model().graph())
        .ifPresent(statistics -> recompute(statistics, data, epoch, batches));
  }

  private void recompute(
      NormalizationStatistics statistics, TrainingData data, long epoch, int batches) {
    for (int i = 0; i < batches; i++) {
      try (Batch batch = data.batch(epoch, i)) {
        trained.clearGradient();
        statistics.add(trained.model().engine(), batch.images(), streams.seedFor("dropout", i));
      }
    }
    trained.clearGradient();
    statistics.set();
    trained.changed();
  }

  @Override
  public State captureState() {
    return settings.isEmpty()
        ? State.empty()
        : State.builder().put("count", count).putRows("average", new float[][] {average}).build();
  }

  @Override
  public void restoreState(State state) {
    checkArgument(
        settings.isPresent() == state.has("average"),
        settings.isPresent()
            ? "the state is of a run without averaged weights, this trainer has %s"
            : "the state is of a run with averaged weights, this trainer has none%s",
        settings.map(Object::toString).orElse(""));
    if (settings.isEmpty()) {
      return;
    }
    float[][] rows = state.getRows("average");
    long counted = state.getLong("count");
    long expected = counted == 0 ? 0 : trained.parameters().length();
    checkArgument(
        counted >= 0 && rows.length == 1 && rows[0].length == expected,
        "the averaged weights of the state are %s numbers of %s updates, expected %s numbers",
        rows.length == 1 ? rows[0].length : rows.length + " rows of",
        counted,
        expected);
    average = rows[0];
    count = counted;
  }
}
