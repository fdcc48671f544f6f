package org.udge.examples.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.udge.Classifier;
import org.udge.data.ImageSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Matches the classes of a set named by a flag with those of a model. */
final class MatchedClasses {

  private MatchedClasses() {}

  /**
   * Matches the classes of a set with those of a model. If either has numbers for names, like
   * checkpoints of the published program, the set must have as many classes as the model.
   *
   * @param flag the flag that names the set, for errors
   * @param given the value of the flag, for errors
   */
  static ImageSource of(
      String flag, String given, ImageSource set, Classifier model, CommandLine line) {
    List<String> names = set.classNames();
    List<String> known = model.classNames();
    if (names.isEmpty()) {
      throw new ParameterException(
          line,
          String.format(
              Locale.ROOT,
              "%s %s has no labels: name a set whose classes are the model's %d",
              flag,
              given,
              known.size()));
    }
    if (names.equals(known)) {
      return set;
    }
    if (areNumbers(names) || areNumbers(known)) {
      if (names.size() != known.size()) {
        throw new ParameterException(
            line,
            String.format(
                Locale.ROOT,
                "%s %s has %d classes, the model has %d: name a set like the one it was trained on",
                flag,
                given,
                names.size(),
                known.size()));
      }
      return set;
    }
    List<String> unknown = new ArrayList<>(names);
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw new ParameterException(
          line,
          String.format(
              Locale.ROOT,
              "%s %s has classes that the model does not know: %s; it knows %s",
              flag,
              given,
              listed(unknown),
              listed(known)));
    }
    return set.matchedTo(known);
  }

  private static boolean areNumbers(List<String> names) {
    return IntStream.range(0, names.size()).allMatch(i -> names.get(i).equals(Integer.toString(i)));
  }

  /** The first ten. */
  private static String listed(List<String> names) {
    int shown = Math.min(names.size(), 10);
    return String.join(", ", names.subList(0, shown))
        + (shown < names.size() ? " and " + (names.size() - shown) + " more" : "");
  }
}
