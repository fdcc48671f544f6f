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

/** Calibrates a model that is there already. */
final class CalibrationFitting {

  static final String FLAG = "--fit_calibration";

  /** Ways to calibrate. */
  enum Kind {
    TEMPERATURE,
    VECTOR,
    PLATT,
    ISOTONIC
  }

  @Option(
      names = FLAG,
      description =
          "Labeled images to fit a calibration on for --eval eval_ece, named as --dataset: held out,"
              + " neither trained on nor judged. The calibrated model is saved as model.zip in the"
              + " folder of results. Default: none, the model's own calibration is judged.")
  String set;

  @Option(
      names = "--calibration",
      defaultValue = "temperature",
      description =
          "What is fitted: temperature (one parameter, never changes a predicted class), vector (two a"
              + " class; wants more images), platt (two, of the predicted class's probability) or isotonic"
              + " (any rising curve of it; wants a thousand images). Default: ${DEFAULT-VALUE}.")
  Kind kind;

  @Option(
      names = "--set_coverage",
      converter = Numbers.Share.class,
      description =
          "Fit sets of classes too that hold the true one for this share of images, on half of the"
              + " images of --fit_calibration; the calibration is fitted on the other half. Saved with"
              + " the model, for score --sets. Default: none.")
  Double setCoverage;

  @Option(
      names = "--set_method",
      defaultValue = "aps",
      description =
          "How: split (smallest sets), aps (larger for harder images) or raps (as aps, smaller where"
              + " there are many classes). Default: ${DEFAULT-VALUE}.")
  PredictionSets.Method setMethod;

  @Option(
      names = "--set_by_class",
      description = "Reach --set_coverage for the images of each class. Default: over all images.")
  boolean setByClass;

  /** What was fitted. */
  record Fitted(Calibration calibration, Optional<PredictionSets> sets) {}

  /** Refuses the judged set. */
  void check(String judged, CommandLine line) throws IOException {
    if (set != null && same(set, judged)) {
      throw new ParameterException(
          line,
          String.format(
              Locale.ROOT,
              "%s %s is the set that is judged, --dataset %s: name held-out images",
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

  /** Fits on images, notes that, and saves. */
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

  /** Every other image: files may be sorted by class, in any order but this one. */
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
