package org.udge.training.report;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.udge.training.DivergenceEvent;
import org.udge.training.EpochReport;
import org.udge.training.StepMeans;
import org.udge.training.StepReport;
import org.udge.training.StopReason;
import org.udge.training.TrainingControl;
import org.udge.training.TrainingListener;
import org.udge.training.TrainingResult;
import org.udge.training.TrainingSession;

/**
 * Writes the metrics of a run for TensorBoard, with a separate file for each run or part of a run.
 *
 * <p>Tags, with the number of steps done as the axis:
 *
 * <ul>
 *   <li>per epoch: {@code loss}, {@code validation/accuracy}, {@code validation/nll}, and {@code
 *       train/NAME} for each of a step's values, for example {@code train/cross_entropy}; means
 *       over the epoch's steps
 *   <li>within epochs, {@linkplain #withPointsEvery optionally}: {@code step/loss}, {@code
 *       step/NAME}, {@code step/learning_rate}; means over the steps since the previous point
 * </ul>
 *
 * <p>A run that is resumed in the same folder adds to the existing events. In another folder it
 * first copies its earlier events, with their times, if {@linkplain #withEarlier their folder} is
 * given, and otherwise writes the epochs of its history. No step occurs twice: events of later
 * steps are revoked, also after a rollback. For one run at a time; not thread-safe.
 */
public final class TensorBoardListener implements TrainingListener {

  private static final List<String> METRICS =
      List.of("loss", "validation/accuracy", "validation/nll");

  private final Path folder;
  private final Optional<TensorBoardWriter> given;
  private final Optional<Integer> every;
  private final Optional<Path> earlier;
  private final Map<String, Object> settings;
  private final StepMeans means = new StepMeans();
  private Optional<TensorBoardWriter> events = Optional.empty();
  private Optional<TrainingSession> run = Optional.empty();

  private TensorBoardListener(
      Path folder,
      Optional<TensorBoardWriter> given,
      Optional<Integer> every,
      Optional<Path> earlier,
      Map<String, Object> settings) {
    this.folder = folder;
    this.given = given;
    this.every = every;
    this.earlier = earlier;
    this.settings = settings;
  }

  /**
   * Returns a listener that writes a point per epoch.
   *
   * @param folder the folder for the file; created if it does not exist
   * @return the listener
   */
  public static TensorBoardListener of(Path folder) {
    return new TensorBoardListener(
        folder, Optional.empty(), Optional.empty(), Optional.empty(), Map.of());
  }

  /**
   * Returns a listener that writes a point per epoch into a file to which others write images or
   * histograms: TensorBoard follows only one growing file per folder.
   *
   * @param writer the writer of the run's file, new
   * @return the listener
   */
  public static TensorBoardListener of(TensorBoardWriter writer) {
    return new TensorBoardListener(
        requireNonNull(writer.file().toAbsolutePath().getParent()),
        Optional.of(writer),
        Optional.empty(),
        Optional.empty(),
        Map.of());
  }

  /**
   * Returns a copy for a run that resumes one in another folder.
   *
   * @param other the folder of that run's event files
   * @return the copy, which has not observed anything yet
   */
  public TensorBoardListener withEarlier(Path other) {
    return new TensorBoardListener(folder, given, every, Optional.of(other), settings);
  }

  /**
   * Returns a copy that records the settings of the run for TensorBoard's table of hyperparameters,
   * together with the loss and the metrics of validation.
   *
   * @param values the settings by name: numbers, booleans, and anything else as its text; default:
   *     none
   * @return the copy, which has not observed anything yet
   */
  public TensorBoardListener withHyperparameters(Map<String, ?> values) {
    return new TensorBoardListener(
        folder, given, every, earlier, Collections.unmodifiableMap(new LinkedHashMap<>(values)));
  }

  /**
   * Returns a copy that also writes points within epochs.
   *
   * @param steps the number of steps between points, at least 1; default: no such points
   * @return the copy, which has not observed anything yet
   */
  public TensorBoardListener withPointsEvery(int steps) {
    checkArgument(steps >= 1, "steps between points must be at least 1, was %s", steps);
    return new TensorBoardListener(folder, given, Optional.of(steps), earlier, settings);
  }

  @Override
  public void onStart(TrainingSession session, long epochs, int stepsPerEpoch) {
    run = Optional.of(session);
    means.clear();
    try {
      List<Path> before = EventRecords.files(folder);
      TensorBoardWriter file = given.isPresent() ? given.get() : TensorBoardWriter.create(folder);
      events = Optional.of(file);
      if (!settings.isEmpty()) {
        file.hyperparameters(settings, METRICS);
      }
      boolean known = before.stream().anyMatch(each -> !each.equals(file.file()));
      if (known) {
        file.rollBack(session.steps());
      } else if (earlier.isEmpty() || !file.copy(earlier.get(), session.steps())) {
        for (EpochReport report : session.history()) {
          file.scalars(report.steps(), scalars(report));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onStep(StepReport report, TrainingControl control) {
    means.add(report);
    if (every.filter(steps -> report.step() % steps == 0).isPresent()) {
      Map<String, Double> scalars = new LinkedHashMap<>();
      scalars.put("step/loss", means.loss());
      means.values().forEach((name, value) -> scalars.put("step/" + name, value));
      scalars.put("step/learning_rate", report.learningRate());
      write(report.step(), scalars);
      means.clear();
    }
  }

  @Override
  public void onEpoch(TrainingSession session, EpochReport report, TrainingControl control) {
    write(report.steps(), scalars(report));
  }

  @Override
  public void onEnd(TrainingResult result) {
    if (settings.isEmpty()) {
      return;
    }
    try {
      events.orElseThrow().end(result.stopReason() != StopReason.DIVERGED);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onRollBack(DivergenceEvent event) {
    means.clear();
    try {
      events.orElseThrow().rollBack(run.orElseThrow().steps());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(long step, Map<String, Double> scalars) {
    try {
      events.orElseThrow().scalars(step, scalars);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Double> scalars(EpochReport report) {
    Map<String, Double> scalars = new LinkedHashMap<>();
    scalars.put("loss", report.loss());
    report
        .validation()
        .ifPresent(
            validation -> {
              scalars.put("validation/accuracy", validation.accuracy());
              scalars.put("validation/nll", validation.nll());
            });
    report.values().forEach((name, value) -> scalars.put("train/" + name, value));
    return scalars;
  }
}
