package org.udge.examples.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.udge.examples.cli.Numbers;
import org.udge.examples.cli.RunFolder;
import org.udge.examples.cli.RunPlace;
import org.udge.state.AtomicFiles;
import org.udge.training.Checkpoints;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The location of a run, and what it writes there. */
final class RunOptions {

  @Mixin RunPlace place = new RunPlace("udge");

  @Option(
      names = "--load_path",
      description =
          "Resume a run: its folder or one of its .state files. Its settings are used unless"
              + " flags override them; a new folder is created. The result is the same, bit for"
              + " bit,"
              + " as without the interruption.")
  Path load;

  @Option(
      names = "--dry_run",
      description =
          "Check the flags, print what would be trained, and exit: nothing is read or written.")
  boolean dryRun;

  @Option(
      names = "--uncond",
      description =
          "Check that the run models p(x) alone: refuse --pxysgld, --class_cond_p_x_sample and"
              + " --plot_cond 1. Changes nothing else.")
  boolean unconditional;

  @Option(
      names = "--ckpt_every",
      defaultValue = "-1",
      converter = Numbers.AtLeastMinusOne.class,
      description =
          "Epochs between checkpoints that are kept, ckpt_EPOCH.state; -1 or 0: none. last.state is"
              + " written after every epoch anyway, every --ckpt_minutes, and when the run is"
              + " interrupted. Default: ${DEFAULT-VALUE}.")
  int checkpointEvery;

  @Option(
      names = "--ckpt_minutes",
      defaultValue = "30",
      converter = Numbers.NotNegative.class,
      description =
          "Minutes after which last.state is also written within an epoch; 0: only after epochs."
              + " Default: ${DEFAULT-VALUE}.")
  double checkpointMinutes;

  @Option(
      names = "--eval_every",
      defaultValue = "1",
      converter = Numbers.AtLeastOne.class,
      description = "Epochs between evaluations on the validation set. Default: ${DEFAULT-VALUE}.")
  int evaluateEvery;

  @Option(
      names = "--print_every",
      defaultValue = "100",
      converter = Numbers.AtLeastOne.class,
      description =
          "Steps between progress lines if there is no terminal for a bar. Default:"
              + " ${DEFAULT-VALUE}.")
  int printEvery;

  @Option(
      names = "--log_every",
      defaultValue = "100",
      converter = Numbers.AtLeastOne.class,
      description =
          "Steps between rows of progress.csv and TensorBoard points within an epoch, which are"
              + " means over those steps. Default: ${DEFAULT-VALUE}.")
  int logEvery;

  @Option(
      names = "--plot_every",
      defaultValue = "40",
      converter = Numbers.AtLeastOne.class,
      description =
          "Epochs between pictures: samples, and training curves, which are also drawn at the end."
              + " Default: ${DEFAULT-VALUE}.")
  int plotEvery;

  @Option(
      names = "--plot_uncond",
      arity = "1",
      converter = Numbers.Switch.class,
      description =
          "1: draw samples of p(x), or of p(y) p(x|y) with --class_cond_p_x_sample. Default: 1 with"
              + " --pxsgld or --pxysgld, else 0.")
  Boolean plotUnconditional;

  @Option(
      names = "--plot_cond",
      arity = "1",
      converter = Numbers.Switch.class,
      description =
          "1: draw samples of p(x|y), one row per class. Default: 1 with --pxysgld or"
              + " --class_cond_p_x_sample, else 0.")
  Boolean plotConditional;

  @Option(
      names = "--plot_contrast",
      arity = "1",
      defaultValue = "0",
      converter = Numbers.Switch.class,
      description =
          "1: also draw class-conditional samples with the energy of --pxycontrast. Default:"
              + " ${DEFAULT-VALUE}.")
  boolean plotContrast;

  @Option(
      names = "--calibrate",
      defaultValue = "temperature",
      description =
          "Calibration of the saved model's probabilities on the validation set: none,"
              + " temperature or vector. Default: ${DEFAULT-VALUE}.")
  Calibrate calibrate;

  /** Kinds of calibration. */
  enum Calibrate {
    NONE,
    TEMPERATURE,
    VECTOR
  }

  static final String PROGRESS = "progress.csv";

  Checkpoints checkpoints(RunFolder folder) {
    Checkpoints.Builder checkpoints = Checkpoints.in(folder.path());
    if (checkpointEvery > 0) {
      checkpoints.everyEpochs(checkpointEvery);
    }
    if (checkpointMinutes > 0) {
      checkpoints.everyMinutes(checkpointMinutes);
    }
    return checkpoints.build();
  }

  /** The folder of the run that a new one in {@code folder} continues, relative to the latter. */
  Optional<String> continuedFrom(RunFolder folder) {
    return Optional.ofNullable(load)
        .map(ignored -> relative(folder.path().toAbsolutePath().normalize(), loadedFolder()));
  }

  private static String relative(Path from, Path to) {
    return (Objects.equals(from.getRoot(), to.getRoot()) ? from.relativize(to) : to).toString();
  }

  /** Copies the table of the run to resume, which is continued. */
  void copyProgress(RunFolder folder) throws IOException {
    Path table = loadedFolder().resolve(PROGRESS);
    if (Files.exists(table)) {
      AtomicFiles.write(
          folder.file(PROGRESS),
          copy -> Files.copy(table, copy, StandardCopyOption.REPLACE_EXISTING));
    }
  }

  /** The folder of the run to resume. */
  Optional<Path> earlierFolder() {
    return Optional.ofNullable(load).map(ignored -> loadedFolder());
  }

  private Path loadedFolder() {
    Path whole = load.toAbsolutePath().normalize();
    return Files.isDirectory(whole) ? whole : whole.getParent();
  }

  /** Checks that the run to resume exists, before anything is created. */
  void requireState() throws IOException {
    if (!Files.exists(load)) {
      throw new IOException(
          "--load_path " + load + " does not exist: expected a run folder or a .state file");
    }
    for (Path file : List.of(settingsToLoad(), stateToLoad())) {
      if (!Files.isRegularFile(file)) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "--load_path %s holds no %s: expected a run folder of train",
                Files.isDirectory(load) ? load : load.toAbsolutePath().getParent(),
                file.getFileName()));
      }
    }
  }

  Path stateToLoad() {
    return load.toFile().isDirectory() ? load.resolve(RunFolder.LAST_STATE) : load;
  }

  Path settingsToLoad() {
    return loadedFolder().resolve(RunFolder.SETTINGS);
  }
}
