package org.udge.examples.eval;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.udge.Classifier;
import org.udge.data.ImageSource;
import org.udge.evaluation.EvaluationReport;
import org.udge.examples.cli.JsonFiles;
import org.udge.examples.cli.RunFolder;
import org.udge.examples.models.ImageSets;
import org.udge.examples.models.LoadedModel;
import org.udge.random.RandomStreams;

/**
 * Everything at hand while a model is judged, and what is found.
 *
 * @param path where the model is from
 * @param folder of pictures
 * @param metrics found so far
 * @param details found so far, for {@code results} in {@code result.json}
 * @param images sets used so far: names and sizes
 * @param out where tables go
 */
record EvaluationWork(
    Path path,
    LoadedModel loaded,
    ImageSets sets,
    RandomStreams streams,
    RunFolder folder,
    Map<String, Double> metrics,
    ObjectNode details,
    Map<String, String> images,
    PrintWriter out) {

  /** With nothing found yet. */
  static EvaluationWork begin(
      Path path,
      LoadedModel loaded,
      ImageSets sets,
      RandomStreams streams,
      RunFolder folder,
      PrintWriter out) {
    return new EvaluationWork(
        path,
        loaded,
        sets,
        streams,
        folder,
        new LinkedHashMap<>(),
        JsonFiles.object(),
        new LinkedHashMap<>(),
        out);
  }

  Classifier classifier() {
    return loaded.classifier();
  }

  /** Notes that a set is used. */
  ImageSource use(ImageSource set) {
    images.put(set.name(), set.size() + " images");
    return set;
  }

  /** Prints and keeps all of a report. */
  void keep(EvaluationReport report) {
    out.println(report);
    metrics.putAll(report.values());
    details.setAll((ObjectNode) JsonFiles.parse(report.toJson()).get("results"));
  }

  /** Prints the metrics, one a line. */
  void printMetrics() {
    metrics.forEach(
        (key, value) ->
            out.printf(
                Locale.ROOT,
                "%-40s %10s%n",
                key,
                value.isNaN() ? "-" : String.format(Locale.ROOT, "%.4f", value)));
  }
}
