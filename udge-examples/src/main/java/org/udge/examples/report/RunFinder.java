package org.udge.examples.report;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Finds the runs below some folders. A run is a folder with a progress table or a result. Caches
 * what it has read, and reads again what has changed. Thread-safe.
 */
final class RunFinder {

  static final String RESULT = "result.json";

  private final List<Path> roots;
  private final RunReader reader;
  private final Map<Path, Remembered> remembered = new HashMap<>();

  /** A run, with the state of its files when it was read. */
  private record Remembered(List<FileState> files, RunReader.Reading reading) {}

  /** The modification time and size of a file. */
  private record FileState(Path file, long modified, long size) {}

  RunFinder(List<Path> roots, RunReader reader) {
    this.roots = roots.stream().map(root -> root.toAbsolutePath().normalize()).distinct().toList();
    this.reader = reader;
  }

  /**
   * Reads the current state.
   *
   * @throws IOException if a root does not exist
   */
  synchronized Runs find() throws IOException {
    List<Problem> problems = new ArrayList<>();
    Map<Path, List<FileState>> folders = new TreeMap<>();
    for (Path root : roots) {
      if (!Files.isDirectory(root)) {
        throw new NoSuchFileException(root.toString(), null, "expected a run or a folder of runs");
      }
      // A root may be a link; links below are not followed, to avoid cycles.
      walk(root.toRealPath(), folders, problems);
    }
    Path base = base(folders.keySet());
    List<ReportRun> runs = new ArrayList<>();
    folders.forEach(
        (folder, files) -> {
          RunReader.Reading reading = reading(folder, files);
          String name = base.relativize(folder).toString().replace('\\', '/');
          reading.run().ifPresent(run -> runs.add(run.withName(name)));
          reading
              .problems()
              .forEach(
                  problem ->
                      problems.add(new Problem(name + "/" + problem.file(), problem.reason())));
        });
    remembered.keySet().retainAll(folders.keySet());
    List<ReportRun> joined =
        Continuations.join(runs).stream()
            .map(run -> run.with(run.columns().withElapsedSeconds(), run.events(), run.pictures()))
            .toList();
    return new Runs(joined, List.copyOf(problems));
  }

  private RunReader.Reading reading(Path folder, List<FileState> files) {
    Remembered known = remembered.get(folder);
    if (known == null || !known.files().equals(files)) {
      known = new Remembered(files, reader.read(folder));
      remembered.put(folder, known);
    }
    return known.reading();
  }

  /** The folder that contains all runs: the parent, if there is a single one. */
  private static Path base(Iterable<Path> folders) {
    Optional<Path> common = Optional.empty();
    for (Path folder : folders) {
      Path parent = folder.getParent() == null ? folder : folder.getParent();
      common = Optional.of(common.map(other -> shared(other, parent)).orElse(parent));
    }
    return common.orElse(Path.of("/"));
  }

  private static Path shared(Path a, Path b) {
    Path result = a;
    while (!b.startsWith(result)) {
      result = result.getParent();
    }
    return result;
  }

  private void walk(Path root, Map<Path, List<FileState>> folders, List<Problem> problems)
      throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          private final Map<Path, List<FileState>> files = new HashMap<>();

          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return !folder.equals(root) && folder.getFileName().toString().startsWith(".")
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile() && reader.reads(file)) {
              files
                  .computeIfAbsent(file.getParent(), folder -> new ArrayList<>())
                  .add(
                      new FileState(
                          file, attributes.lastModifiedTime().toMillis(), attributes.size()));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            problems.add(new Problem(file.toString(), "it cannot be read: " + e.getMessage()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException e) {
            List<FileState> own = files.getOrDefault(folder, List.of());
            if (own.stream().anyMatch(state -> reader.makesRun(state.file()))) {
              folders.put(
                  folder, own.stream().sorted(Comparator.comparing(FileState::file)).toList());
            }
            if (e != null) {
              problems.add(new Problem(folder.toString(), "it cannot be read: " + e.getMessage()));
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
