package org.udge.examples.study;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.udge.evaluation.Summary;
import org.udge.examples.cli.JsonFiles;
import org.udge.examples.study.StudyPlan.Column;

/**
 * Means and standard deviations of rows over seeds, and which differences from the baseline exceed
 * them.
 *
 * @param rows summaries by row, then by column
 */
record StudyTable(
    List<Column> columns, Map<String, Map<String, Summary>> rows, Optional<String> baseline) {

  /**
   * Computes the table from cells.
   *
   * @param metrics metrics of the cells by row: one map per seed
   */
  static StudyTable of(StudyPlan plan, Map<String, List<Map<String, Double>>> metrics) {
    Map<String, Map<String, Summary>> rows = new LinkedHashMap<>();
    metrics.forEach(
        (row, cells) -> {
          Map<String, Summary> summaries = new LinkedHashMap<>();
          for (Column column : plan.columns()) {
            double[] values =
                cells.stream()
                    .mapToDouble(cell -> cell.getOrDefault(column.key(), Double.NaN))
                    .filter(Double::isFinite)
                    .toArray();
            if (values.length > 0) {
              summaries.put(column.name(), Summary.of(values));
            }
          }
          rows.put(row, summaries);
        });
    return new StudyTable(plan.columns(), rows, plan.baseline());
  }

  /**
   * Whether a row's mean differs from the baseline's by more than the deviation of both, (d1^2 +
   * d2^2)^1/2.
   *
   * @return 1 if it is better, -1 if it is worse, 0 if the difference does not exceed the deviation
   *     or is unknown
   */
  int against(String row, Column column) {
    Summary base = baseline.map(rows::get).map(r -> r.get(column.name())).orElse(null);
    Summary own = rows.getOrDefault(row, Map.of()).get(column.name());
    if (base == null
        || own == null
        || row.equals(baseline.orElse(""))
        || base.count() < 2
        || own.count() < 2) {
      return 0;
    }
    double difference = own.mean() - base.mean();
    if (Math.abs(difference) <= Math.hypot(own.deviation(), base.deviation())) {
      return 0;
    }
    return difference > 0 == column.higher() ? 1 : -1;
  }

  /** Markdown: one line per metric, one column per row of the study. */
  String markdown() {
    StringBuilder text = new StringBuilder("| metric |");
    rows.keySet()
        .forEach(
            row ->
                text.append(' ')
                    .append(row)
                    .append(row.equals(baseline.orElse("")) ? " (baseline)" : "")
                    .append(" |"));
    text.append("\n|---|").append("---|".repeat(rows.size())).append("\n| seeds |");
    rows.values()
        .forEach(
            summaries ->
                text.append(' ')
                    .append(summaries.values().stream().mapToLong(Summary::count).max().orElse(0))
                    .append(" |"));
    text.append('\n');
    for (Column column : columns) {
      text.append("| ")
          .append(column.name())
          .append(column.higher() ? " (higher)" : " (lower)")
          .append(" |");
      rows.forEach(
          (row, summaries) -> text.append(' ').append(cell(row, summaries, column)).append(" |"));
      text.append('\n');
    }
    baseline.ifPresent(
        name ->
            text.append(
                "\nMean +- deviation over seeds. `+` better, `-` worse than "
                    + name
                    + " by more than the deviation of both.\n"));
    return text.toString();
  }

  private String cell(String row, Map<String, Summary> summaries, Column column) {
    Summary summary = summaries.get(column.name());
    if (summary == null) {
      return "";
    }
    String number = summary.mean() >= 100 ? "%.0f" : "%.4f";
    String text = String.format(Locale.ROOT, number, summary.mean());
    if (summary.count() > 1) {
      text += String.format(Locale.ROOT, " +- " + number, summary.deviation());
    }
    int sign = against(row, column);
    return sign == 0 ? text : text + (sign > 0 ? " `+`" : " `-`");
  }

  /** The complete table. */
  ObjectNode json() {
    ObjectNode json = JsonFiles.object();
    baseline.ifPresent(name -> json.put("baseline", name));
    rows.forEach(
        (row, summaries) -> {
          ObjectNode node = json.withObject("/rows").putObject(row);
          for (Column column : columns) {
            Summary summary = summaries.get(column.name());
            if (summary != null) {
              node.putObject(column.name())
                  .put("key", column.key())
                  .put("mean", summary.mean())
                  .put("deviation", summary.deviation())
                  .put("minimum", summary.minimum())
                  .put("maximum", summary.maximum())
                  .put("count", summary.count())
                  .put("against_baseline", against(row, column));
            }
          }
        });
    return json;
  }

  /** Rows that have a column, with its summary. */
  Map<String, Summary> column(Column column) {
    Map<String, Summary> found = new LinkedHashMap<>();
    rows.forEach(
        (row, summaries) ->
            Optional.ofNullable(summaries.get(column.name()))
                .ifPresent(summary -> found.put(row, summary)));
    return found;
  }
}
