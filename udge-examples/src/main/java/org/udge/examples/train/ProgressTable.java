package org.udge.examples.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.udge.state.AtomicFiles;
import org.udge.training.EpochReport;

/** {@code progress.csv}: a row for each evaluation, with the columns of the first epoch. */
final class ProgressTable {

  private static final List<String> FIXED =
      List.of("epoch", "steps", "seconds", "validation/accuracy", "validation/nll", "loss");

  private ProgressTable() {}

  static void write(Path file, List<EpochReport> history) throws IOException {
    List<String> names = List.copyOf(history.get(0).values().keySet());
    List<String> columns = new ArrayList<>(FIXED);
    columns.addAll(names);
    List<String> lines = new ArrayList<>();
    lines.add(String.join(",", columns));
    for (int i = 0; i < history.size(); i++) {
      EpochReport report = history.get(i);
      if (report.validation().isPresent() || i == history.size() - 1) {
        lines.add(row(report, names));
      }
    }
    AtomicFiles.write(file, temporary -> Files.write(temporary, lines));
  }

  private static String row(EpochReport report, List<String> names) {
    List<Object> cells = new ArrayList<>();
    cells.add(report.epoch());
    cells.add(report.steps());
    cells.add(report.seconds());
    cells.add(report.validation().<Object>map(EpochReport.Validation::accuracy).orElse(""));
    cells.add(report.validation().<Object>map(EpochReport.Validation::nll).orElse(""));
    cells.add(report.loss());
    names.forEach(name -> cells.add(report.values().getOrDefault(name, Double.NaN)));
    return cells.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
