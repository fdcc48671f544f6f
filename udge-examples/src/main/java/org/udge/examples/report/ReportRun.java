package org.udge.examples.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One run, as shown on the page.
 *
 * @param name its folder, relative to the folder that contains all runs
 * @param folder its folder
 * @param settings its settings, flattened, with values as strings
 * @param columns its progress table
 * @param metrics single results by name
 * @param events events at steps
 * @param pictures its image files
 * @param continues the folder of the run that it continues, then that run's, ...: names of runs, or
 *     the run's own text if there is no such run; empty if it started anew
 * @param evaluates the evaluated model, as named in the result, if this is an evaluation
 */
record ReportRun(
    String name,
    Path folder,
    Map<String, String> settings,
    RunColumns columns,
    Map<String, Double> metrics,
    List<Event> events,
    List<Picture> pictures,
    List<String> continues,
    Optional<String> evaluates) {

  /** An event, such as a divergence. */
  record Event(OptionalLong step, String text) {}

  /**
   * An image file.
   *
   * @param kind its name without the epoch number
   * @param number the epoch number, if its name has one
   */
  record Picture(String kind, OptionalLong number, Path file) {

    boolean isSameAs(Picture other) {
      return kind.equals(other.kind) && number.equals(other.number);
    }
  }

  ReportRun withName(String other) {
    return new ReportRun(
        other, folder, settings, columns, metrics, events, pictures, continues, evaluates);
  }

  ReportRun with(RunColumns table, List<Event> happened, List<Picture> drawn) {
    return new ReportRun(
        name, folder, settings, table, metrics, happened, drawn, continues, evaluates);
  }

  /**
   * A copy with the results and pictures of an evaluation; results whose names exist already get
   * the prefix "evaluated/".
   */
  ReportRun withEvaluation(ReportRun evaluation) {
    Map<String, Double> results = new LinkedHashMap<>(metrics);
    evaluation.metrics.forEach(
        (key, value) -> {
          if (!value.equals(results.putIfAbsent(key, value)) && metrics.containsKey(key)) {
            results.put("evaluated/" + key, value);
          }
        });
    List<Picture> all = new ArrayList<>(pictures);
    evaluation.pictures.stream()
        .filter(picture -> pictures.stream().noneMatch(picture::isSameAs))
        .forEach(all::add);
    return new ReportRun(
        name, folder, settings, columns, results, events, all, continues, evaluates);
  }

  ReportRun withPictures(List<Picture> chosen) {
    return with(columns, events, chosen);
  }

  ReportRun withPicturesIn(Set<Path> files) {
    return withPictures(pictures.stream().filter(each -> files.contains(each.file())).toList());
  }

  ReportRun continues(List<String> earlier) {
    return new ReportRun(
        name, folder, settings, columns, metrics, events, pictures, earlier, evaluates);
  }
}
