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
 * The context of the evaluation of a model, and its results.
 *
 * @param path the path of the model
 * @param folder the folder for pictures
 * @param metrics the metrics so far
 * @param details the details so far, for {@code results} in {@code result.json}
 * @param images names and sizes of the sets used so far
 * @param out the output for tables
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

  /** Creates a context without results. */
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

  /** Records that a set is used. */
  ImageSource use(ImageSource set) {
    images.put(set.name(), set.size() + " images");
    return set;
  }

  /** Prints and keeps a whole report. */
  void keep(EvaluationReport report) {
    out.println(report);
    metrics.putAll(report.values());
    details.setAll((ObjectNode) JsonFiles.parse(report.toJson()).get("results"));
  }

  /** Prints the metrics, one per line. */
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
