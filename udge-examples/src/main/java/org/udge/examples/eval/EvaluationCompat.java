package org.udge.examples.eval;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.udge.engine.Mode;
import org.udge.examples.cli.Choice;
import org.udge.examples.cli.Compat;
import org.udge.examples.cli.JsonFiles;
import org.udge.examples.cli.Numbers;
import picocli.CommandLine.Option;

/**
 * Differences between the evaluation of this library and of the published program; each is an
 * option.
 */
final class EvaluationCompat {

  private static final double PUBLISHED_SIGMA = 0.03;

  private static final String BY_COMPAT = " Default: set by --compat.";

  /** The mode of layers that behave differently in training and evaluation. */
  enum EvaluationMode {
    EVALUATION(Mode.EVALUATION),
    TRAINING(Mode.TRAINING);

    private final Mode mode;

    EvaluationMode(Mode mode) {
      this.mode = mode;
    }
  }

  /** The label under which {@code pxsim} compares an image. */
  enum Labels {
    PREDICTED,
    TRUE
  }

  @Option(
      names = "--compat",
      defaultValue = "udge",
      description =
          "udge: models are evaluated as they are used; reference: as in the published program."
              + " Sets the defaults of the options below. Default: ${DEFAULT-VALUE}.")
  Compat compat;

  @Option(
      names = "--eval_mode",
      description =
          "evaluation (running statistics, no dropout; udge) or training (batch normalization"
              + " uses the statistics of each batch, of at most 128 images, and dropout is active;"
              + " reference)."
              + " Langevin steps are always in evaluation mode."
              + BY_COMPAT)
  EvaluationMode mode;

  @Option(
      names = "--sigma",
      converter = Numbers.NotNegative.class,
      description =
          "Standard deviation of noise added to the images (0: udge, 0.03: reference)." + BY_COMPAT)
  Double sigma;

  @Option(
      names = "--pxsim_labels",
      description =
          "Label under which --score_fn pxsim compares: predicted (udge) or true (reference),"
              + " which reveals part of the answer to the score and needs sets whose labels are"
              + " classes of"
              + " the model."
              + BY_COMPAT)
  Labels labels;

  private boolean reference() {
    return compat == Compat.REFERENCE;
  }

  private EvaluationMode evaluationMode() {
    return mode == null ? reference() ? EvaluationMode.TRAINING : EvaluationMode.EVALUATION : mode;
  }

  Mode mode() {
    return evaluationMode().mode;
  }

  double sigma() {
    return sigma == null ? reference() ? PUBLISHED_SIGMA : 0 : sigma;
  }

  Labels labels() {
    return labels == null ? reference() ? Labels.TRUE : Labels.PREDICTED : labels;
  }

  /** The effective values. */
  ObjectNode toJson() {
    return JsonFiles.object()
        .put("compat", Choice.text(compat))
        .put("eval_mode", Choice.text(evaluationMode()))
        .put("sigma", sigma())
        .put("pxsim_labels", Choice.text(labels()));
  }
}
