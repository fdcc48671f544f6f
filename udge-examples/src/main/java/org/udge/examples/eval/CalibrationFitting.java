package org.udge.examples.eval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.udge.Calibration;
import org.udge.PredictionSets;
import org.udge.data.ImageSource;
import org.udge.engine.Logits;
import org.udge.evaluation.LabeledLogits;
import org.udge.evaluation.calibration.Calibrator;
import org.udge.evaluation.calibration.ConformalSets;
import org.udge.evaluation.calibration.IsotonicRegression;
import org.udge.evaluation.calibration.PlattScaling;
import org.udge.evaluation.calibration.TemperatureScaling;
import org.udge.evaluation.calibration.VectorScaling;
import org.udge.examples.cli.Choice;
import org.udge.examples.cli.Numbers;
import org.udge.examples.models.ImageSets;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Calibrates an existing model. */
final class CalibrationFitting {

  static final String FLAG = "--fit_calibration";

  /** Kinds of calibration. */
  enum Kind {
    TEMPERATURE,
    VECTOR,
    PLATT,
    ISOTONIC
  }

  @Option(
      names = FLAG,
      description =
          "Labeled images to fit a calibration on for --eval eval_ece, named like --dataset: held"
              + " out, used neither for training nor for evaluation. The calibrated model is"
              + " saved as"
              + " model.zip in the results folder. Default: none, the model's own calibration is"
              + " evaluated.")
  String set;

  @Option(
      names = "--calibration",
      defaultValue = "temperature",
      description =
          "Kind of calibration: temperature (one parameter, never changes a predicted class),"
              + " vector (two per class; needs more images), platt (two, for the predicted class's"
              + " probability) or isotonic (any increasing curve of it; needs a thousand images)."
              + " Default: ${DEFAULT-VALUE}.")
  Kind kind;

  @Option(
      names = "--set_coverage",
      converter = Numbers.Share.class,
      description =
          "Also fit prediction sets, which contain the true class for this share of images, on"
              + " half of the images of --fit_calibration; the calibration is fitted on the other"
              + " half. Saved with"
              + " the model, for score --sets. Default: none.")
  Double setCoverage;

  @Option(
      names = "--set_method",
      defaultValue = "aps",
      description =
          "Method: split (smallest sets), aps (larger for harder images) or raps (like aps,"
              + " smaller if there are many classes). Default: ${DEFAULT-VALUE}.")
  PredictionSets.Method setMethod;

  @Option(
      names = "--set_by_class",
      description = "Reach --set_coverage for the images of each class. Default: over all images.")
  boolean setByClass;

  /** The fitted calibration. */
  record Fitted(Calibration calibration, Optional<PredictionSets> sets) {}

  /** Refuses the set under evaluation. */
  void check(String judged, CommandLine line) throws IOException {
    if (set != null && same(set, judged)) {
      throw new ParameterException(
          line,
          String.format(
              Locale.ROOT,
              "%s %s is the set under evaluation, --dataset %s: name held-out images",
              FLAG,
              set,
              judged));
    }
  }

  private static boolean same(String one, String other) throws IOException {
    Path first = Path.of(one);
    Path second = Path.of(other);
    if (Files.exists(first) && Files.exists(second)) {
      return Files.isSameFile(first, second);
    }
    return ImageSets.testSplit(one).equals(ImageSets.testSplit(other));
  }

  /** Fits on images, records that, and saves the model. */
  Fitted fit(EvaluationWork work, ImageSource images) throws IOException {
    Calibrator calibrator =
        switch (kind) {
          case TEMPERATURE -> new TemperatureScaling();
          case VECTOR -> new VectorScaling();
          case PLATT -> new PlattScaling();
          case ISOTONIC -> new IsotonicRegression();
        };
    LabeledLogits all = LabeledLogits.of(work.classifier(), images);
    Calibration calibration = calibrator.fit(setCoverage == null ? all : half(all, 0));
    work.details()
        .putObject("fitted_calibration")
        .put("kind", Choice.text(kind))
        .put("set", images.name())
        .put("images", images.size());
    Optional<PredictionSets> sets = Optional.empty();
    if (setCoverage != null) {
      PredictionSets found =
          ConformalSets.ofCoverage(setCoverage)
              .withMethod(setMethod)
              .withThresholdOfEachClass(setByClass)
              .fit(half(all, 1), Optional.of(calibration));
      sets = Optional.of(found);
    }
    Path file = work.loaded().saveCalibrated(calibration, sets, work.folder().path());
    work.out()
        .printf(
            Locale.ROOT,
            "%s, fitted on %d images of %s: %s%n",
            calibration,
            images.size(),
            images.name(),
            file);
    sets.ifPresent(found -> work.out().println(found));
    return new Fitted(calibration, sets);
  }

  /** Every other image: files may be sorted by class, but never in alternation. */
  private static LabeledLogits half(LabeledLogits all, int first) {
    int[] chosen =
        IntStream.range(0, all.size())
            .filter(i -> i % 2 == first % Math.min(2, all.size()))
            .toArray();
    double[][] rows = new double[chosen.length][];
    int[] labels = new int[chosen.length];
    for (int i = 0; i < chosen.length; i++) {
      rows[i] = all.logits().row(chosen[i]);
      labels[i] = all.label(chosen[i]);
    }
    return LabeledLogits.of(Logits.of(rows), labels);
  }
}
