package org.udge.examples.download;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.udge.datasets.download.DownloadListener;
import org.udge.datasets.download.Downloader;
import org.udge.datasets.download.PublishedDataset;
import org.udge.datasets.download.RemoteFile;
import org.udge.examples.cli.Cli;
import org.udge.examples.cli.DebugOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Downloads a published data set. */
@Command(
    name = "download",
    mixinStandardHelpOptions = true,
    header = "Downloads, verifies and unpacks a published data set.",
    description = {
      "",
      "Files come from the authors' own addresses; their size and SHA-256 are verified, and they"
          + " appear under their names only when complete. An interrupted download is resumed, also"
          + " by a later call. No other command downloads anything."
    })
public final class Download extends DebugOption implements Callable<Integer> {

  private static final long REPORT_NANOS = 2_000_000_000L;

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      description =
          "cifar10, cifar100, svhn, svhn-extra, mnist, fashion-mnist, kmnist, emnist or"
              + " tiny-imagenet;"
              + " celeba, which is fetched by hand, is verified.")
  private String name;

  @Option(
      names = "--data_root",
      required = true,
      description = "Folder of all data sets, as for the other commands.")
  private Path root;

  private long lastReport = System.nanoTime();

  /**
   * Runs the command and exits the process.
   *
   * @param args the data set and flags
   */
  public static void main(String... args) {
    Cli.runAndExit(new Download(), args);
  }

  @Override
  public Integer call() throws IOException {
    PublishedDataset set =
        PublishedDataset.find(name)
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(),
                        String.format(
                            Locale.ROOT,
                            "NAME must be one of %s, was '%s'",
                            PublishedDataset.all().stream()
                                .map(PublishedDataset::name)
                                .collect(Collectors.joining(", ")),
                            name)));
    say(
        String.format(
            Locale.ROOT, "%s, see %s. License: %s", set.name(), set.page(), set.license()));
    Downloader.to(root)
        .withListener(
            new DownloadListener() {
              @Override
              public void onBytes(RemoteFile file, long done) {
                report(file, done);
              }

              @Override
              public void onMessage(String message) {
                say(message);
              }
            })
        .fetch(set);
    say(set.name() + " is complete in " + root.resolve(set.folder()));
    return 0;
  }

  private void report(RemoteFile file, long done) {
    if (System.nanoTime() - lastReport > REPORT_NANOS || done == file.size()) {
      lastReport = System.nanoTime();
      say(
          String.format(
              Locale.ROOT,
              "%s: %d %% of %,d bytes",
              file.name(),
              100 * done / file.size(),
              file.size()));
    }
  }

  private void say(String message) {
    spec.commandLine().getOut().println(message);
    spec.commandLine().getOut().flush();
  }
}
