package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.udge.evaluation.Metric;

/**
 * Writes files of a run during training, so that nothing is lost if it ends early:
 *
 * <ul>
 *   <li>{@code last.state}, from which the run can be resumed: after every epoch, every few minutes
 *       if requested, and when the run is asked to stop;
 *   <li>{@code model.zip}, the model of the best epoch so far, in a resumed run from its beginning;
 *   <li>{@code ckpt_EPOCH.state}, a state that is kept, every few epochs if requested.
 * </ul>
 *
 * <pre>{@code
 * Checkpoints checkpoints =
 *     Checkpoints.in(Path.of("runs/mine")).everyEpochs(10).keep(3).everyMinutes(15).build();
 * Trainer.Builder trainer =
 *     Trainer.builder(model, Objective.of(CrossEntropy.ofDefaults()))
 *         .validation(validation)
 *         .listener(checkpoints);
 * }</pre>
 *
 * <p>{@link RunState#read} reads states, {@link org.udge.EnergyModel#load} reads the model. Files
 * appear under their names only once they are complete. A failure to write ends training. For one
 * run at a time; not thread-safe.
 */
public final class Checkpoints implements TrainingListener {

  /** The name of the file from which the run can be resumed. */
  public static final String LAST = "last.state";

  /** The name of the best model's file. */
  public static final String MODEL = "model.zip";

  private static final Pattern KEPT = Pattern.compile("ckpt_(\\d{1,18})\\.state");
  private static final long NOTHING = -1;

  private final Path folder;
  private final Optional<String> bestBy;
  private final OptionalInt everyEpochs;
  private final OptionalInt keep;
  private final OptionalDouble everyMinutes;
  private final LongSupplier nanoTime;

  private Optional<TrainingSession> running = Optional.empty();
  private Optional<Metric> best = Optional.empty();
  private Optional<EpochReport> savedModel = Optional.empty();
  private long savedSteps = NOTHING;
  private long savedAt;

  private Checkpoints(Builder builder) {
    folder = builder.folder;
    bestBy = builder.bestBy;
    everyEpochs = builder.everyEpochs;
    keep = builder.keep;
    everyMinutes = builder.everyMinutes;
    nanoTime = builder.nanoTime;
  }

  /**
   * Returns a builder of a listener that writes to a folder.
   *
   * @param folder the folder for the files; created if it does not exist
   * @return a builder
   */
  public static Builder in(Path folder) {
    return new Builder(folder);
  }

  /**
   * Returns the report of the epoch whose model is in {@code model.zip}.
   *
   * @return the report; empty as long as no model was saved
   */
  public Optional<EpochReport> savedModel() {
    return savedModel;
  }

  @Override
  public void onStart(TrainingSession session, long epochs, int stepsPerEpoch) {
    running = Optional.of(session);
    savedSteps = NOTHING;
    savedAt = nanoTime.getAsLong();
    best = Optional.empty();
    savedModel = Optional.empty();
    session.history().forEach(this::isBest);
    bestBy
        .flatMap(session::best)
        .ifPresent(
            known -> {
              session.with(known, () -> saveModel(session));
              savedModel =
                  session.history().stream()
                      .filter(report -> report.epoch() == known.epoch())
                      .findFirst();
            });
  }

  @Override
  public void onStep(StepReport report, TrainingControl control) {
    TrainingSession session = running.orElseThrow();
    if (everyMinutes.isPresent()
        && (nanoTime.getAsLong() - savedAt) / 60e9 >= everyMinutes.getAsDouble()
        && session.isBetweenUpdates()) {
      saveLast(session);
    }
  }

  @Override
  public void onEpoch(TrainingSession session, EpochReport report, TrainingControl control) {
    RunState state = saveLast(session);
    if (everyEpochs.isPresent() && (report.epoch() + 1) % everyEpochs.getAsInt() == 0) {
      write(state, "ckpt_" + report.epoch() + ".state");
      removeOldest();
    }
    if (isBest(report)) {
      saveModel(session);
      savedModel = Optional.of(report);
    }
  }

  /**
   * Nothing is left to do for a run that ends normally: it is saved already, and its model may be
   * that of another epoch.
   */
  @Override
  public void onEnd(TrainingResult result) {
    if (result.stopReason() == StopReason.REQUESTED && result.steps() != savedSteps) {
      saveLast(running.orElseThrow());
    }
  }

  @CanIgnoreReturnValue
  private RunState saveLast(TrainingSession session) {
    RunState state = RunState.of(session.captureState());
    write(state, LAST);
    savedSteps = session.steps();
    savedAt = nanoTime.getAsLong();
    return state;
  }

  private void write(RunState state, String name) {
    try {
      state.write(folder.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void saveModel(TrainingSession session) {
    try {
      session.model().save(folder.resolve(MODEL));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @CanIgnoreReturnValue
  private boolean isBest(EpochReport report) {
    if (bestBy.isEmpty() || report.validation().isEmpty()) {
      return false;
    }
    Metric metric = report.validation().get().metric(bestBy.get());
    boolean better = metric.isBetterThan(best);
    if (better) {
      best = Optional.of(metric);
    }
    return better;
  }

  private void removeOldest() {
    if (keep.isEmpty()) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> kept =
          files
              .filter(file -> epoch(file) >= 0)
              .sorted(Comparator.comparingLong(Checkpoints::epoch).reversed())
              .toList();
      for (Path old : kept.subList(Math.min(keep.getAsInt(), kept.size()), kept.size())) {
        Files.delete(old);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the epoch of a kept state, or -1 for other files. */
  private static long epoch(Path file) {
    Matcher name = KEPT.matcher(file.getFileName().toString());
    return name.matches() ? Long.parseLong(name.group(1)) : -1;
  }

  /** Builds listeners. Not thread-safe. */
  public static final class Builder {

    private final Path folder;
    private Optional<String> bestBy = Optional.of("validation/accuracy");
    private OptionalInt everyEpochs = OptionalInt.empty();
    private OptionalInt keep = OptionalInt.empty();
    private OptionalDouble everyMinutes = OptionalDouble.empty();
    private LongSupplier nanoTime = System::nanoTime;

    private Builder(Path folder) {
      this.folder = folder;
    }

    /**
     * Sets the metric by which {@code model.zip} is the best; use the one of {@link
     * Trainer.Builder#keepBest}. Without validation no model is saved.
     *
     * @param metricKey the key of the metric, for example {@code validation/nll}; default {@code
     *     validation/accuracy}
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder best(String metricKey) {
      bestBy = Optional.of(metricKey);
      return this;
    }

    /**
     * Disables writing of {@code model.zip}.
     *
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder noModel() {
      bestBy = Optional.empty();
      return this;
    }

    /**
     * Keeps a state every few epochs, as {@code ckpt_EPOCH.state}.
     *
     * @param count the number of epochs between kept states, at least 1; default: none is kept
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder everyEpochs(int count) {
      checkArgument(count > 0, "epochs between checkpoints must be at least 1, were %s", count);
      everyEpochs = OptionalInt.of(count);
      return this;
    }

    /**
     * Sets the number of states of {@link #everyEpochs} to keep: the newest ones.
     *
     * @param count the number of states, at least 1; default: all
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder keep(int count) {
      checkArgument(count > 0, "checkpoints to keep must be at least 1, were %s", count);
      keep = OptionalInt.of(count);
      return this;
    }

    /**
     * Writes {@code last.state} within long epochs too.
     *
     * @param minutes the least time between two writes, above 0; default: only after epochs
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder everyMinutes(double minutes) {
      checkArgument(minutes > 0, "minutes between checkpoints must be above 0, were %s", minutes);
      everyMinutes = OptionalDouble.of(minutes);
      return this;
    }

    /** Sets another clock, for tests. */
    Builder nanoTime(LongSupplier clock) {
      nanoTime = clock;
      return this;
    }

    /**
     * Builds the listener.
     *
     * @return the listener
     */
    public Checkpoints build() {
      return new Checkpoints(this);
    }
  }
}
