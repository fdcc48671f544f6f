package org.udge.examples.eval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.udge.Calibration;
import org.udge.data.ImageSource;
import org.udge.evaluation.LabeledLogits;
import org.udge.evaluation.calibration.Calibrator;
import org.udge.evaluation.calibration.TemperatureScaling;
import org.udge.evaluation.calibration.VectorScaling;
import org.udge.examples.cli.Choice;
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
    VECTOR
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
          "What is fitted: temperature (one parameter, never changes a predicted class) or vector (two"
              + " a class; wants more images). Default: ${DEFAULT-VALUE}.")
  Kind kind;

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
  Calibration fit(EvaluationWork work, ImageSource images) throws IOException {
    Calibrator calibrator =
        switch (kind) {
          case TEMPERATURE -> new TemperatureScaling();
          case VECTOR -> new VectorScaling();
        };
    Calibration calibration = calibrator.fit(LabeledLogits.of(work.classifier(), images));
    work.details()
        .putObject("fitted_calibration")
        .put("kind", Choice.text(kind))
        .put("set", images.name())
        .put("images", images.size());
    Path file = work.loaded().saveCalibrated(calibration, work.folder().path());
    work.out()
        .printf(
            Locale.ROOT,
            "%s, fitted on %d images of %s: %s%n",
            calibration,
            images.size(),
            images.name(),
            file);
    return calibration;
  }
}
