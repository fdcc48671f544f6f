package org.udge.examples.eval;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.udge.engine.Mode;
import org.udge.examples.cli.Choice;
import org.udge.examples.cli.Compat;
import org.udge.examples.cli.JsonFiles;
import org.udge.examples.cli.Numbers;
import picocli.CommandLine.Option;

/** Where this library and the published program evaluate differently; each is an option. */
final class EvaluationCompat {

  private static final double PUBLISHED_SIGMA = 0.03;

  private static final String BY_COMPAT = " Default: as --compat says.";

  /** How layers behave that differ between training and use. */
  enum EvaluationMode {
    EVALUATION(Mode.EVALUATION),
    TRAINING(Mode.TRAINING);

    private final Mode mode;

    EvaluationMode(Mode mode) {
      this.mode = mode;
    }
  }

  /** Under which label {@code pxsim} compares an image. */
  enum Labels {
    PREDICTED,
    TRUE
  }

  @Option(
      names = "--compat",
      defaultValue = "udge",
      description =
          "udge: models are judged as they are used; reference: the published program's ways. Sets the"
              + " defaults of the options below. Default: ${DEFAULT-VALUE}.")
  Compat compat;

  @Option(
      names = "--eval_mode",
      description =
          "evaluation (running statistics, no dropout; udge) or training (batch normalization takes the"
              + " statistics of each batch, of 128 images at most, and dropout is active; reference)."
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
          "Label under which --score_fn pxsim compares: predicted (udge) or true (reference), which"
              + " tells the score something of the answer and needs sets whose labels are classes of"
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

  /** What holds in the end. */
  ObjectNode toJson() {
    return JsonFiles.object()
        .put("compat", Choice.text(compat))
        .put("eval_mode", Choice.text(evaluationMode()))
        .put("sigma", sigma())
        .put("pxsim_labels", Choice.text(labels()));
  }
}
