package org.udge.loss;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.udge.engine.Logits;

/**
 * Compares the gradients a {@link LossFunction} returns with central finite differences of its
 * value, in double precision.
 *
 * <pre>{@code
 * LossGradientCheck.of(function)
 *     .group(ImageGroup.LABELED, logits, labels)
 *     .passes(1e-7);
 * }</pre>
 */
public final class LossGradientCheck {

  private record Group(ImageGroup group, double[][] logits, int[] labels) {}

  private static final double STEP = 1e-5;

  private final LossFunction function;
  private final List<Group> groups = new ArrayList<>();

  private LossGradientCheck(LossFunction function) {
    this.function = function;
  }

  public static LossGradientCheck of(LossFunction function) {
    return new LossGradientCheck(function);
  }

  public LossGradientCheck group(ImageGroup group, double[][] logits, int... labels) {
    groups.add(new Group(group, logits, labels));
    return this;
  }

  /**
   * Fails unless ||gradient - differences|| is at most tolerance x (1 + ||differences||) in every
   * group; where the function returns no gradient, the differences must vanish.
   */
  public void passes(double tolerance) {
    LossValue value = function.evaluate(input());
    for (Group group : groups) {
      double[][] differences = differences(group);
      double[][] gradient =
          value
              .gradient(group.group)
              .orElseGet(() -> new double[group.logits.length][group.logits[0].length]);
      assertThat(gradient)
          .as("gradient of %s", group.group)
          .hasDimensions(group.logits.length, group.logits[0].length);
      assertThat(distance(gradient, differences))
          .as(
              "distance of the gradient of %s from finite differences; metrics %s",
              group.group, value.metrics())
          .isLessThanOrEqualTo(tolerance * (1 + norm(differences)));
    }
    assertThat(function.evaluate(input()).value())
        .as("value when evaluated again: evaluate must not change what the function remembers")
        .isEqualTo(value.value());
  }

  private double[][] differences(Group group) {
    double[][] result = new double[group.logits.length][group.logits[0].length];
    for (int i = 0; i < result.length; i++) {
      for (int c = 0; c < result[i].length; c++) {
        double kept = group.logits[i][c];
        group.logits[i][c] = kept + STEP;
        double above = function.evaluate(input()).value();
        group.logits[i][c] = kept - STEP;
        double below = function.evaluate(input()).value();
        group.logits[i][c] = kept;
        result[i][c] = (above - below) / (2 * STEP);
      }
    }
    return result;
  }

  private LossInput input() {
    LossInput input = LossInput.none();
    for (Group group : groups) {
      input = input.with(group.group, Logits.of(group.logits), group.labels);
    }
    return input;
  }

  private static double norm(double[][] a) {
    return distance(a, new double[a.length][a[0].length]);
  }

  /** The L2 norm of a difference. */
  static double distance(double[][] a, double[][] b) {
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      for (int c = 0; c < a[i].length; c++) {
        squares += (a[i][c] - b[i][c]) * (a[i][c] - b[i][c]);
      }
    }
    return Math.sqrt(squares);
  }
}
