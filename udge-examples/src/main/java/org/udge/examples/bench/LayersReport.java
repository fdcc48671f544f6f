package org.udge.examples.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.udge.engine.onednn.StepKind;
import org.udge.engine.onednn.StepTime;
import org.udge.examples.cli.Choice;

/**
 * Where the time of a gradient goes, step by step, compared with what oneDNN alone reaches on the
 * same convolutions.
 */
final class LayersReport {

  private static final int WIDTH = 66;
  private static final String BOTH = "BOTH_GRADIENTS";

  private final String title;
  private final double milliseconds;
  private final List<StepTime> steps;
  private final Map<String, StepTime> bare;

  /**
   * The steps of a forward pass and of one gradient.
   *
   * @param title what is computed
   * @param gradient {@code INPUT_GRADIENT} or {@code PARAMETER_GRADIENT}
   * @param milliseconds time of forward pass and gradient as a whole
   * @param profile every step of the plan
   * @param bareConvolutions its convolutions alone
   */
  LayersReport(
      String title,
      String gradient,
      double milliseconds,
      List<StepTime> profile,
      List<StepTime> bareConvolutions) {
    Set<String> phases = Set.of("FORWARD", BOTH, gradient);
    this.title = title;
    this.milliseconds = milliseconds;
    this.steps = profile.stream().filter(step -> phases.contains(step.phase())).toList();
    this.bare =
        bareConvolutions.stream()
            .filter(step -> phases.contains(step.phase()))
            .collect(Collectors.toMap(StepTime::label, step -> step));
  }

  double milliseconds() {
    return milliseconds;
  }

  /** GFLOP/s of oneDNN alone on the convolutions. */
  double ceiling() {
    return convolutionOperations() / (1e6 * sum(List.copyOf(bare.values())));
  }

  /** GFLOP/s of the plan's convolutions, with what is fused into them. */
  double convolutions() {
    return convolutionOperations()
        / (1e6 * sum(steps.stream().filter(step -> step.kind().isConvolution()).toList()));
  }

  /** Floating-point operations of the convolutions divided by the total time. */
  double whole() {
    return convolutionOperations() / (1e6 * milliseconds);
  }

  private long convolutionOperations() {
    return bare.values().stream().mapToLong(StepTime::operations).sum();
  }

  private static double sum(List<StepTime> times) {
    return times.stream().mapToDouble(StepTime::milliseconds).sum();
  }

  /** A table with one line per step, below a line for its kind. */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append(title).append('\n');
    text.append(row("", "ms", "share", "GFLOP/s", "oneDNN alone"));
    for (StepKind kind : StepKind.values()) {
      List<StepTime> ofKind = steps.stream().filter(step -> step.kind() == kind).toList();
      if (!ofKind.isEmpty()) {
        appendKind(text, Choice.text(kind).replace('_', ' '), ofKind);
      }
    }
    double all = sum(steps);
    text.append(row("all steps individually", number(all, 3), share(all), "", ""));
    text.append(row("whole pass, median", number(milliseconds, 3), "", "", ""));
    text.append(
        String.format(
            Locale.ROOT,
            "oneDNN alone reaches %.1f GFLOP/s on the convolutions; the plan's reach %.1f, %.2f"
                + " of it, and the whole pass %.1f, %.2f of it%n",
            ceiling(),
            convolutions(),
            convolutions() / ceiling(),
            whole(),
            whole() / ceiling()));
    return text.toString();
  }

  private void appendKind(StringBuilder text, String name, List<StepTime> ofKind) {
    double time = sum(ofKind);
    long operations = ofKind.stream().mapToLong(StepTime::operations).sum();
    boolean convolution = ofKind.get(0).kind().isConvolution();
    double alone = convolution ? sum(ofKind.stream().map(s -> bare.get(s.label())).toList()) : 0;
    text.append(
        row(
            name,
            number(time, 3),
            share(time),
            rate(operations, time),
            convolution ? rate(operations, alone) : ""));
    for (StepTime step : ofKind) {
      text.append(
          row(
              "  " + step.label(),
              number(step.milliseconds(), 3),
              share(step.milliseconds()),
              rate(step.operations(), step.milliseconds()),
              convolution ? rate(step.operations(), bare.get(step.label()).milliseconds()) : ""));
    }
  }

  private String share(double time) {
    return number(100 * time / sum(steps), 1) + " %";
  }

  private static String rate(long operations, double time) {
    return operations == 0 ? "" : number(operations / (1e6 * time), 0);
  }

  private static String number(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  private static String row(String name, String time, String share, String rate, String alone) {
    return String.format(
        Locale.ROOT, "%-" + WIDTH + "s %9s %8s %8s %13s%n", name, time, share, rate, alone);
  }
}
