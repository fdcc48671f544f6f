package org.udge.examples.report;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
 */
record ReportRun(
    String name,
    Path folder,
    Map<String, String> settings,
    RunColumns columns,
    Map<String, Double> metrics,
    List<Event> events,
    List<Picture> pictures,
    List<String> continues) {

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
    return new ReportRun(other, folder, settings, columns, metrics, events, pictures, continues);
  }

  ReportRun with(RunColumns table, List<Event> happened, List<Picture> drawn) {
    return new ReportRun(name, folder, settings, table, metrics, happened, drawn, continues);
  }

  ReportRun withPictures(List<Picture> chosen) {
    return with(columns, events, chosen);
  }

  ReportRun withPicturesIn(Set<Path> files) {
    return withPictures(pictures.stream().filter(each -> files.contains(each.file())).toList());
  }

  ReportRun continues(List<String> earlier) {
    return new ReportRun(name, folder, settings, columns, metrics, events, pictures, earlier);
  }
}
