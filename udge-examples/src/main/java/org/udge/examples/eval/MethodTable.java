package org.udge.examples.eval;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.udge.evaluation.Summary;
import org.udge.examples.cli.JsonFiles;
import org.udge.examples.models.TrainedAs;

/**
 * Metrics of several models: one column per method, that is, for runs whose settings are the same
 * except for the seed. Means and deviations are computed only over these. A model without
 * information about its training is a method of its own.
 */
final class MethodTable {

  /**
   * Runs of the same settings.
   *
   * @param numbers the models' numbers, from 1
   * @param flags the flags in which methods differ, with this method's values
   */
  private record Method(
      String name,
      List<Integer> numbers,
      List<EvaluationWork> models,
      List<TrainedAs> trainings,
      Map<String, String> flags) {

    /** Only metrics that all its models have; a threshold belongs to one model. */
    Map<String, Summary> summaries() {
      Map<String, Summary> summaries = new LinkedHashMap<>();
      for (String key : models.get(0).metrics().keySet()) {
        double[] values =
            models.stream()
                .mapToDouble(work -> work.metrics().getOrDefault(key, Double.NaN))
                .filter(Double::isFinite)
                .toArray();
        boolean ofOneModel = key.startsWith(SetScores.THRESHOLD) && models.size() > 1;
        if (values.length == models.size() && !ofOneModel) {
          summaries.put(key, Summary.of(values));
        }
      }
      return summaries;
    }

    String description() {
      String paths =
          models.stream().map(work -> work.path().toString()).collect(Collectors.joining(", "));
      String values =
          flags.entrySet().stream()
              .map(flag -> " --" + flag.getKey() + " " + flag.getValue())
              .collect(Collectors.joining());
      return values.isEmpty() ? paths : values.strip() + ": " + paths;
    }

    boolean hasEqualSeeds() {
      List<Long> seeds = trainings.stream().flatMap(run -> run.seed().stream()).toList();
      return seeds.size() > new LinkedHashSet<>(seeds).size();
    }
  }

  private final List<EvaluationWork> models;
  private final List<Method> methods;

  private MethodTable(List<EvaluationWork> models, List<Method> methods) {
    this.models = models;
    this.methods = methods;
  }

  /**
   * Groups models by method.
   *
   * @param trainings the trainings of the models, in the same order
   */
  static MethodTable of(List<EvaluationWork> models, List<TrainedAs> trainings) {
    Map<Object, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < models.size(); i++) {
      Map<String, String> method = trainings.get(i).method();
      Object group = method.isEmpty() ? Integer.valueOf(i) : method;
      groups.computeIfAbsent(group, ignored -> new ArrayList<>()).add(i);
    }
    Set<String> differing = differing(groups.keySet());
    List<Method> methods = new ArrayList<>();
    for (List<Integer> group : groups.values()) {
      Map<String, String> flags = new LinkedHashMap<>(trainings.get(group.get(0)).method());
      flags.keySet().retainAll(differing);
      methods.add(
          new Method(
              "method " + (methods.size() + 1),
              group.stream().map(i -> i + 1).toList(),
              group.stream().map(models::get).toList(),
              group.stream().map(trainings::get).toList(),
              flags));
    }
    return new MethodTable(models, methods);
  }

  /** The flags that are not the same in all known methods. */
  private static Set<String> differing(Set<Object> groups) {
    List<Map<?, ?>> known =
        groups.stream().filter(Map.class::isInstance).<Map<?, ?>>map(Map.class::cast).toList();
    Set<String> differing = new LinkedHashSet<>();
    for (Map<?, ?> method : known) {
      for (Object flag : method.keySet()) {
        if (known.stream().anyMatch(other -> !Objects.equals(other.get(flag), method.get(flag)))) {
          differing.add((String) flag);
        }
      }
    }
    return differing;
  }

  /** Prints the methods and the table. */
  void print(PrintWriter out) {
    out.println();
    for (Method method : methods) {
      out.println(method.name + ": " + method.description());
      if (method.hasEqualSeeds()) {
        out.println(
            "  runs of the same settings and seed are among these: the deviation is too small");
      }
    }
    List<Map<String, Summary>> columns = methods.stream().map(Method::summaries).toList();
    Set<String> keys = new LinkedHashSet<>();
    columns.forEach(column -> keys.addAll(column.keySet()));
    List<List<String>> rows = new ArrayList<>();
    List<String> header = new ArrayList<>();
    header.add("mean +- deviation over seeds");
    methods.forEach(method -> header.add(method.name + " (" + method.models.size() + ")"));
    rows.add(header);
    for (String key : keys) {
      List<String> row = new ArrayList<>();
      row.add(key);
      columns.forEach(column -> row.add(text(column.get(key))));
      rows.add(row);
    }
    int[] widths =
        IntStream.range(0, header.size())
            .map(c -> rows.stream().mapToInt(row -> row.get(c).length()).max().orElse(0))
            .toArray();
    for (List<String> row : rows) {
      String line =
          IntStream.range(0, row.size())
              .mapToObj(
                  c ->
                      String.format(
                          Locale.ROOT, (c == 0 ? "%-" : "%") + widths[c] + "s", row.get(c)))
              .collect(Collectors.joining("  "));
      out.println(line.stripTrailing());
    }
  }

  private static String text(Summary summary) {
    if (summary == null) {
      return "-";
    }
    return summary.count() == 1
        ? String.format(Locale.ROOT, "%.4f", summary.mean())
        : summary.toString();
  }

  /**
   * Writes all numbers: means as the metrics, under the method's name if there are several; their
   * spread; and the results of each model.
   */
  void writeTo(ObjectNode result) {
    ObjectNode means = result.putObject("metrics");
    ObjectNode spread = result.putObject("summary");
    ArrayNode all = result.putArray("methods");
    for (Method method : methods) {
      String prefix = methods.size() == 1 ? "" : method.name + "/";
      ObjectNode node = all.addObject().put("name", method.name);
      method.numbers.forEach(node.withArray("models")::add);
      method.flags.forEach(node.putObject("settings")::put);
      method
          .summaries()
          .forEach(
              (key, summary) -> {
                means.put(prefix + key, summary.mean());
                spread
                    .putObject(prefix + key)
                    .put("mean", summary.mean())
                    .put("deviation", summary.deviation())
                    .put("minimum", summary.minimum())
                    .put("maximum", summary.maximum())
                    .put("count", summary.count());
              });
    }
    ArrayNode each = result.putArray("models");
    for (EvaluationWork work : models) {
      ObjectNode node = each.addObject().put("load_path", work.path().toString());
      node.set("metrics", JsonFiles.numbers(work.metrics()));
      node.set("results", work.details());
    }
  }
}
