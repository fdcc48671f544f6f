package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import org.udge.EnergyModel;
import org.udge.data.ImageSource;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.Evaluation;
import org.udge.evaluation.Evaluator;

/**
 * Evaluates a model in training by accuracy, negative log-likelihood, and any further evaluators.
 */
final class Validator {

  /** The first part of the keys of metrics. */
  static final String SPLIT = "validation";

  private static final ClassificationEvaluator ACCURACY = ClassificationEvaluator.ofDefaults();

  private final Evaluation evaluation;
  private final ImageSource images;

  Validator(EnergyModel model, ImageSource images, List<Evaluator<?>> evaluators) {
    checkArgument(images.size() > 0, "validation set '%s' is empty", images.name());
    checkArgument(
        images.classCount() == model.classCount(),
        "validation set '%s' has %s classes, the model has %s",
        images.name(),
        images.classCount(),
        model.classCount());
    Evaluation all = Evaluation.of(model).withSplit(SPLIT).with(ACCURACY);
    for (Evaluator<?> evaluator : evaluators) {
      all = evaluator.equals(ACCURACY) ? all : all.with(evaluator);
    }
    this.evaluation = all;
    this.images = images;
  }

  EpochReport.Validation validate() {
    return new EpochReport.Validation(evaluation.run(images).metrics(), images.size());
  }
}
