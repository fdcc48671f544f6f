package org.udge.examples.report;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.udge.Provenance;
import org.udge.examples.cli.Cli;
import org.udge.examples.cli.DebugOption;
import org.udge.state.AtomicFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Shows runs on a page. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Shows runs of this and other programs on one page, for comparison.",
    description = {
      "",
      "A run is a folder with progress.csv (commas or tabs) or result.json; its settings are in"
          + " variant.json, else in params.json. Folders are searched for runs to any depth.",
      "",
      "The page is one self-contained file: it opens from disk and can be passed on."
    })
public final class Report extends DebugOption implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "RUN_OR_FOLDER",
      description = "Runs, or folders of runs.")
  private List<Path> roots;

  @Option(
      names = "--output",
      defaultValue = "report.html",
      description = "The page to write. Default: ${DEFAULT-VALUE}.")
  private Path output;

  @Option(
      names = "--serve",
      description =
          "Instead of writing a page, show runs in progress at an address that only this machine"
              + " can reach, until stopped.")
  private boolean serve;

  @Option(
      names = "--port",
      defaultValue = "8420",
      converter = Port.class,
      description = "Port of --serve; 0: any free port. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--progress_file",
      split = ",",
      defaultValue = "progress.csv",
      description =
          "Names of the progress table; if a folder has several, the first is used. Default:"
              + " ${DEFAULT-VALUE}.")
  private List<String> progressFiles;

  @Option(
      names = "--settings_file",
      split = ",",
      defaultValue = "variant.json,params.json",
      description =
          "Names of the settings file; if a folder has several, the first is used. Default:"
              + " ${DEFAULT-VALUE}.")
  private List<String> settingsFiles;

  @Option(
      names = "--pictures",
      defaultValue = "latest",
      description =
          "Pictures of runs in the page: latest (for each kind that of the last epoch), all or"
              + " none. Default:"
              + " ${DEFAULT-VALUE}.")
  private Pictures pictures;

  /** The pictures that a page contains. */
  public enum Pictures {
    /** For each kind, that of the last epoch. */
    LATEST,
    /** All pictures. */
    ALL,
    /** No pictures, for a small page. */
    NONE
  }

  /** From 0 to 65535. */
  static final class Port implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      try {
        int value = Integer.parseInt(text.strip());
        if (value >= 0 && value <= 65535) {
          return value;
        }
      } catch (NumberFormatException e) {
        throw refusal(text);
      }
      throw refusal(text);
    }

    private static TypeConversionException refusal(String text) {
      return new TypeConversionException(
          "must be a whole number from 0 to 65535, was '" + text + "'");
    }
  }

  /** The command, for the runnable jar. */
  public Report() {}

  /**
   * Runs the command and exits the process.
   *
   * @param args its flags
   */
  public static void main(String... args) {
    Cli.runAndExit(new Report(), args);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    RunFinder finder = new RunFinder(roots, new RunReader(progressFiles, settingsFiles));
    if (serve) {
      serve(finder);
      return 0;
    }
    Runs runs = withPictures(finder.find());
    if (runs.runs().isEmpty() && runs.problems().isEmpty()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "no runs in %s: expected folders with %s or %s",
              roots,
              String.join(" or ", progressFiles),
              RunFinder.RESULT));
    }
    List<Problem> problems = new ArrayList<>(runs.problems());
    String made =
        "Made by udge "
            + Provenance.version()
            + " on "
            + DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm", Locale.ROOT)
                .format(ZonedDateTime.now(ZoneId.systemDefault()));
    Map<Path, String> addresses = pictureAddresses(runs, problems);
    Runs readable =
        new Runs(
            runs.runs().stream().map(run -> run.withPicturesIn(addresses.keySet())).toList(),
            problems);
    String page =
        ReportPage.of(
            ReportJson.of(readable, made, false, picture -> addresses.get(picture.file())));
    AtomicFiles.write(output, temporary -> Files.writeString(temporary, page));
    out().printf(Locale.ROOT, "report: %s, %s%n", output, count(runs));
    problems.forEach(
        problem ->
            out().printf(Locale.ROOT, "not shown: %s: %s%n", problem.file(), problem.reason()));
    return 0;
  }

  private void serve(RunFinder finder) throws IOException, InterruptedException {
    if (spec.commandLine().getParseResult().hasMatchedOption("--output")) {
      throw new ParameterException(
          spec.commandLine(), "--output writes a page, --serve does not: give only one of them");
    }
    Runs runs = finder.find();
    try (ReportServer server = ReportServer.start(finder, port)) {
      out().printf(Locale.ROOT, "%s at %s (stop with Ctrl-C)%n", count(runs), server.address());
      new CountDownLatch(1).await();
    }
  }

  /** Pictures that cannot be read are added to the problems. */
  private static Map<Path, String> pictureAddresses(Runs runs, List<Problem> problems) {
    Map<Path, String> addresses = new HashMap<>();
    for (ReportRun run : runs.runs()) {
      for (ReportRun.Picture picture : run.pictures()) {
        try {
          addresses.put(picture.file(), PictureFiles.inAddress(picture.file()));
        } catch (IOException e) {
          problems.add(new Problem(picture.file().toString(), e.getMessage()));
        }
      }
    }
    return addresses;
  }

  private static String count(Runs runs) {
    int count = runs.runs().size();
    return count + (count == 1 ? " run" : " runs");
  }

  private Runs withPictures(Runs runs) {
    return new Runs(
        runs.runs().stream().map(run -> run.withPictures(chosen(run.pictures()))).toList(),
        runs.problems());
  }

  private List<ReportRun.Picture> chosen(List<ReportRun.Picture> all) {
    return switch (pictures) {
      case ALL -> all;
      case NONE -> List.of();
      case LATEST -> {
        Map<String, OptionalLong> last = new HashMap<>();
        all.forEach(
            picture ->
                last.merge(
                    picture.kind(),
                    picture.number(),
                    (a, b) -> a.orElse(-1) > b.orElse(-1) ? a : b));
        yield all.stream()
            .filter(picture -> last.get(picture.kind()).equals(picture.number()))
            .toList();
      }
    };
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
