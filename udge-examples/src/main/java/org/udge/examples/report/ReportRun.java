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
 * One run as the page shows it.
 *
 * @param name its folder as seen from the folder that all runs are in
 * @param folder where it lies
 * @param settings what it was started with, flat, values as texts
 * @param columns its progress
 * @param metrics single results by name
 * @param events what happened at a step
 * @param pictures its image files
 * @param continues the folder of the run that it goes on with, then that one's, ...: names of runs,
 *     or whatever the run itself says where there is no such run; empty if it started anew
 * @param evaluates the model that this is an evaluation of, as its result names it
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

  /** Something that happened, as a divergence. */
  record Event(OptionalLong step, String text) {}

  /**
   * An image file.
   *
   * @param kind its name without the number of the epoch
   * @param number of the epoch, if its name has one
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

  /** With the results and pictures of an evaluation; another result of a name gets "evaluated/". */
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
