package org.udge.examples.doctor;

import java.util.Locale;

/**
 * A comparison of two arrays of numbers: the norm of their difference divided by that of the
 * correct values.
 */
record Check(String name, double error, double allowed) {

  boolean passed() {
    // A NaN fails.
    return error <= allowed;
  }

  String line() {
    return String.format(
        Locale.ROOT,
        "%s  %s: error %.1e, allowed %.0e",
        passed() ? "ok    " : "FAILED",
        name,
        error,
        allowed);
  }
}
