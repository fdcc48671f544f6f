package org.udge.examples.eval;

import static org.udge.evaluation.detection.OutOfDistributionResult.IN_DISTRIBUTION;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.udge.Threshold;
import org.udge.data.ImageSource;
import org.udge.evaluation.Bootstrap;
import org.udge.evaluation.ConfidenceInterval;
import org.udge.evaluation.Evaluation;
import org.udge.evaluation.EvaluationReport;
import org.udge.evaluation.detection.OutOfDistributionEvaluator;
import org.udge.evaluation.detection.OutOfDistributionResult;
import org.udge.evaluation.detection.OutOfDistributionScore;
import org.udge.evaluation.detection.ScoreHistogram;
import org.udge.examples.cli.JsonFiles;
import org.udge.examples.models.ScoreFunctions;
import org.udge.examples.models.ScoreOptions;
import org.udge.examples.plots.ScoreHistogramPlot;
import org.udge.published.PublishedHabit;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * Out-of-distribution scores of several sets: how well they separate the sets, and their
 * histograms.
 *
 * @param trueLabels whether {@code pxsim} compares under the images' own labels
 * @param line the command line, for errors
 */
record SetScores(
    EvaluationWork work,
    EvaluationData data,
    ScoreOptions options,
    boolean trueLabels,
    CommandLine line) {

  /** Prefix of the keys of thresholds. */
  static final String THRESHOLD = "threshold/";

  private static final String SIMILARITY = "pxsim";
  private static final int HISTOGRAM_BINS = 100;
  private static final int LONGEST_TITLE = 60;

  /**
   * Measures how well scores separate {@code --dataset} from each {@code --ood_dataset}.
   *
   * @param asServed whether to print the flags with which {@code score} uses the thresholds
   */
  void detect(Evaluation evaluation, boolean asServed) throws IOException {
    ImageSource inside = scoredSet("--dataset", data.dataset);
    Map<String, ImageSource> outOfDistributionSets =
        scoredSets("--ood_dataset", data.outOfDistributionSets, inside);
    try (ScoreFunctions functions = functions()) {
      OutOfDistributionEvaluator evaluator =
          new OutOfDistributionEvaluator(scores(functions), outOfDistributionSets);
      EvaluationReport report = evaluation.with(evaluator).run(inside);
      work.keep(report);
      OutOfDistributionResult result = report.get(evaluator);
      for (String score : result.scores()) {
        Threshold threshold = result.threshold(score, data.falseAlarms);
        work.metrics().put(THRESHOLD + score, threshold.value());
        // True labels are unknown in serving.
        if (asServed && data.scores.contains(score)) {
          work.out()
              .printf(
                  Locale.ROOT,
                  "score %s --threshold %s classifies %.1f %% of these images as out of"
                      + " distribution%n",
                  functions.flags(score),
                  threshold.value(), // All digits, because rounding would change decisions.
                  100 * threshold.falseAlarmRate().orElseThrow());
        }
        ScoreHistogram histogram = result.histogram(score, HISTOGRAM_BINS);
        draw(
            histogram.withSetName(IN_DISTRIBUTION, shortName(data.dataset) + " (in-distribution)"),
            score);
      }
      tellOfThresholds(inside);
      if (data.resamples > 0) {
        intervals(result);
      }
    }
  }

  private void tellOfThresholds(ImageSource inside) {
    work.details()
        .putObject("thresholds")
        .put("false_alarms", data.falseAlarms)
        .put("chosen_on", inside.name())
        .put("images", inside.size());
    work.out()
        .printf(
            Locale.ROOT,
            "thresholds are for %s %% false alarms and were chosen on %s, the %d images evaluated"
                + " here: choose thresholds for serving on held-out images%n",
            BigDecimal.valueOf(data.falseAlarms)
                .movePointRight(2)
                .stripTrailingZeros()
                .toPlainString(),
            inside.name(),
            inside.size());
  }

  private void intervals(OutOfDistributionResult result) {
    Bootstrap bootstrap = Bootstrap.of(work.streams()).withResamples(data.resamples);
    ObjectNode node = work.details().putObject("intervals");
    for (String set : result.sets()) {
      for (String score : result.scores()) {
        String key = "ood/" + set + "/" + score + "/auroc";
        ConfidenceInterval interval = result.aurocInterval(score, set, bootstrap);
        node.set(key, JsonFiles.parse(interval.toJson()));
        work.out().printf(Locale.ROOT, "%-40s %s%n", key, interval);
      }
    }
  }

  /** Draws the scores of {@code --datasets}. */
  void histogram(Preprocessing preprocessing) throws IOException {
    List<String> names = data.datasets == null ? List.of(data.dataset) : data.datasets;
    ImageSource inside = work.sets().open("--dataset", data.dataset, data.limit);
    Map<String, ImageSource> sets = scoredSets("--datasets", names, inside);
    Map<String, Map<String, double[]>> byScore = new LinkedHashMap<>();
    try (ScoreFunctions functions = functions()) {
      List<OutOfDistributionScore> scores = scores(functions);
      scores.forEach(score -> byScore.put(score.name(), new LinkedHashMap<>()));
      sets.forEach(
          (name, set) ->
              Scoring.scores(work.classifier(), scores, set, data.batchSize, preprocessing)
                  .forEach((score, values) -> byScore.get(score).put(name, values)));
    }
    for (Map.Entry<String, Map<String, double[]>> each : byScore.entrySet()) {
      String score = each.getKey();
      each.getValue()
          .forEach(
              (name, values) -> work.metrics().put("mean/" + name + "/" + score, mean(values)));
      draw(ScoreHistogram.of(score, each.getValue(), HISTOGRAM_BINS), score);
    }
    work.printMetrics();
  }

  private static double mean(double... values) {
    return Arrays.stream(values).average().orElse(Double.NaN);
  }

  private void draw(ScoreHistogram histogram, String score) throws IOException {
    String axis =
        switch (score) {
          case "px" -> "log p(x) + constant";
          case "py" -> "max p(y|x)";
          case "pxgrad" -> "-||d log p(x)/dx||";
          default -> score;
        };
    ScoreHistogramPlot.of(histogram, title(histogram), axis)
        .write(work.folder().path(), "histogram-" + score);
  }

  /** The sets' names, as far as they fit. */
  private static String title(ScoreHistogram histogram) {
    List<String> sets = List.copyOf(histogram.counts().keySet());
    String all = String.join(", ", sets);
    return "Scores of "
        + (sets.size() == 1 || all.length() <= LONGEST_TITLE
            ? all
            : sets.get(0) + " and " + (sets.size() - 1) + " other sets");
  }

  private ScoreFunctions functions() {
    return new ScoreFunctions(work.loaded(), options, work.sets(), Optional.of(data.dataset), line);
  }

  private List<OutOfDistributionScore> scores(ScoreFunctions functions) throws IOException {
    List<OutOfDistributionScore> scores = new ArrayList<>();
    for (String name : data.scores) {
      scores.add(
          trueLabels && name.equals(SIMILARITY)
              ? functions
                  .contrastiveSimilarity()
                  .withHabits(Set.of(PublishedHabit.SIMILARITY_UNDER_TRUE_LABELS))
              : functions.named(name));
    }
    work.details().setAll(functions.settings());
    return scores;
  }

  private Map<String, ImageSource> scoredSets(String flag, List<String> names, ImageSource inside)
      throws IOException {
    Map<String, ImageSource> sets = new LinkedHashMap<>();
    for (String name : names) {
      ImageSource set =
          name.equals("interp")
              ? requireLabels(flag, name, work.sets().interpolated(inside))
              : scoredSet(flag, name);
      if (sets.put(shortName(name), set) != null) {
        throw new ParameterException(line, flag + " has two sets called '" + shortName(name) + "'");
      }
    }
    return sets;
  }

  private static String shortName(String name) {
    Path file = Path.of(name).getFileName();
    return file == null ? name : file.toString();
  }

  private ImageSource scoredSet(String flag, String name) throws IOException {
    return requireLabels(flag, name, work.sets().open(flag, name, data.limit));
  }

  private ImageSource requireLabels(String flag, String name, ImageSource set) {
    int classes = work.classifier().classCount();
    if (trueLabels
        && data.scores.contains(SIMILARITY)
        && (set.classCount() == 0 || set.classCount() > classes)) {
      throw new ParameterException(
          line,
          String.format(
              Locale.ROOT,
              "%s %s has %s, and --pxsim_labels true needs labels that are classes of the model,"
                  + " which has %d: give --pxsim_labels predicted",
              flag,
              name,
              set.classCount() == 0 ? "no labels" : "labels of " + set.classCount() + " classes",
              classes));
    }
    return work.use(set);
  }
}
