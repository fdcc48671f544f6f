package org.udge.examples.report;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.udge.examples.report.ReportRun.Event;
import org.udge.examples.report.ReportRun.Picture;

/**
 * Joins runs with the runs that they continue: the result is one run that starts with the rows of
 * the earlier one. A run that two others continue is in both.
 */
final class Continuations {

  private static final List<String> STEPS = List.of("steps", "step", "global_step", "epoch");

  private final Map<Path, ReportRun> byFolder = new HashMap<>();
  private final Map<String, List<ReportRun>> byName = new HashMap<>();
  private final Set<Path> continued = new HashSet<>();

  private Continuations(List<ReportRun> runs) {
    for (ReportRun run : runs) {
      byFolder.put(run.folder(), run);
      byName
          .computeIfAbsent(run.folder().getFileName().toString(), name -> new ArrayList<>())
          .add(run);
    }
  }

  static List<ReportRun> join(List<ReportRun> runs) {
    Continuations all = new Continuations(runs);
    List<ReportRun> joined = runs.stream().map(all::withEarlier).toList();
    return all.withEvaluations(
        joined.stream().filter(run -> !all.continued.contains(run.folder())).toList());
  }

  /** An evaluation of one of the runs is shown with that run. */
  private List<ReportRun> withEvaluations(List<ReportRun> runs) {
    Map<Path, ReportRun> result = new LinkedHashMap<>();
    runs.forEach(run -> result.put(run.folder(), run));
    for (ReportRun run : runs) {
      Optional<Path> model =
          run.evaluates()
              .filter(name -> run.columns().rows() == 0)
              .flatMap(name -> earlier(name, run.folder()))
              .map(ReportRun::folder)
              .filter(folder -> !folder.equals(run.folder()) && result.containsKey(folder));
      if (model.isPresent()) {
        result.computeIfPresent(model.get(), (folder, trained) -> trained.withEvaluation(run));
        result.remove(run.folder());
      }
    }
    return List.copyOf(result.values());
  }

  private ReportRun withEarlier(ReportRun run) {
    Set<Path> seen = new HashSet<>(Set.of(run.folder()));
    List<String> names = new ArrayList<>();
    ReportRun joined = run;
    List<String> next = run.continues();
    while (!next.isEmpty()) {
      Optional<ReportRun> earlier = earlier(next.get(0), run.folder());
      names.add(earlier.map(ReportRun::name).orElse(next.get(0)));
      if (earlier.isEmpty() || !seen.add(earlier.get().folder())) {
        break; // It is not among the runs, or the runs form a cycle.
      }
      continued.add(earlier.get().folder());
      joined = joined(joined, earlier.get());
      next = earlier.get().continues();
    }
    return joined.continues(names);
  }

  private static ReportRun joined(ReportRun run, ReportRun earlier) {
    Optional<String> column = STEPS.stream().filter(run.columns().names()::contains).findFirst();
    RunColumns columns =
        column.map(name -> run.columns().after(earlier.columns(), name)).orElse(run.columns());
    double first = column.map(run.columns()::least).orElse(Double.POSITIVE_INFINITY);
    List<Event> events = new ArrayList<>(earlier.events());
    events.removeIf(event -> run.events().contains(event) || event.step().orElse(0) >= first);
    events.addAll(run.events());
    List<Picture> pictures = new ArrayList<>(earlier.pictures());
    pictures.removeIf(picture -> run.pictures().stream().anyMatch(picture::isSameAs));
    pictures.addAll(run.pictures());
    return run.with(columns, events, pictures);
  }

  /**
   * Found by the folder itself, or a file within; if the runs were moved, by its name if that is
   * unique.
   */
  private Optional<ReportRun> earlier(String origin, Path later) {
    Path path;
    try {
      path = Path.of(origin);
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
    Optional<ReportRun> exact =
        Stream.of(later.resolve(path), later.resolveSibling(path), path.toAbsolutePath())
            .map(Path::normalize)
            .flatMap(place -> Stream.of(Optional.of(place), Optional.ofNullable(place.getParent())))
            .flatMap(Optional::stream)
            .map(byFolder::get)
            .flatMap(Stream::ofNullable)
            .filter(run -> !run.folder().equals(later))
            .findFirst();
    return exact.or(
        () ->
            Stream.of(
                    Optional.ofNullable(path.getFileName()),
                    Optional.ofNullable(path.getParent()).map(Path::getFileName))
                .flatMap(Optional::stream)
                .map(name -> byName.getOrDefault(name.toString(), List.of()))
                .filter(runs -> runs.size() == 1)
                .map(runs -> runs.get(0))
                .findFirst());
  }
}
