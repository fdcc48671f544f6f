package org.udge.examples.report;

import java.nio.file.Path;
import java.util.Optional;

/** Whether tests in a browser run. */
final class Browsers {

  /**
   * Of the environment: "required" fails tests where there is no browser, "none" leaves them out
   * where there is one.
   */
  static final String VARIABLE = "UDGE_BROWSER";

  private Browsers() {}

  /** The browser to test in; empty where those tests are left out. */
  static Optional<Path> choose(String wanted, Optional<Path> found) {
    return switch (wanted) {
      case "none" -> Optional.empty();
      case "" -> found;
      case "required" -> {
        if (found.isEmpty()) {
          throw new AssertionError(
              VARIABLE
                  + "=required, but no chromium, chromium-browser, google-chrome or chrome is on"
                  + " the"
                  + " path; install one, or set "
                  + VARIABLE
                  + "=none to leave these tests out");
        }
        yield found;
      }
      default ->
          throw new AssertionError(
              VARIABLE + " must be required, none or not set, was '" + wanted + "'");
    };
  }
}
