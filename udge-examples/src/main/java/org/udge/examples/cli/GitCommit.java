package org.udge.examples.cli;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.concurrent.TimeUnit;

/** The commit from which this program was built, if it is still in its checkout. */
public final class GitCommit {

  private static final String UNKNOWN = "unknown";

  private GitCommit() {}

  public static String ofThisProgram() {
    CodeSource source = GitCommit.class.getProtectionDomain().getCodeSource();
    if (source == null) {
      return UNKNOWN;
    }
    try {
      Path place = Path.of(source.getLocation().toURI());
      return ask(Files.isDirectory(place) ? place : place.toAbsolutePath().getParent());
    } catch (URISyntaxException | IOException e) {
      return UNKNOWN;
    }
  }

  /** Fails where git is not installed. */
  private static String ask(Path folder) throws IOException {
    Process git =
        new ProcessBuilder(
                "git", "-C", folder.toString(), "describe", "--always", "--dirty", "--abbrev=40")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      String commit =
          new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return git.waitFor(10, TimeUnit.SECONDS) && git.exitValue() == 0 ? commit : UNKNOWN;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return UNKNOWN;
    }
  }
}
