package org.udge.loss;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import org.udge.engine.Logits;
import org.udge.sampling.EnergyGradient;

/**
 * A loss of single images interpreted as an energy: E(x) = loss(f(x), y). With a contrastive term
 * this is the energy that the published program can sample with; chains then search for images that
 * the term considers positive.
 *
 * <p>The loss is evaluated image by image, so the energy is a sum over chains, not their mean: the
 * published program uses the mean, which divides the size of every step by the number of chains.
 */
public final class LossEnergy {

  private LossEnergy() {}

  /**
   * Returns the energy of a loss. The loss must not change while chains move.
   *
   * @param loss the loss, which reads one group of images
   * @param group that group
   * @param labels the labels of the chains; {@link org.udge.data.Batch#UNLABELED} where the loss
   *     needs none
   * @return the energy
   */
  public static EnergyGradient of(LossFunction loss, ImageGroup group, int... labels) {
    requireNonNull(loss);
    requireNonNull(group);
    int[] classes = labels.clone();
    return logits -> {
      checkArgument(
          logits.rows() == classes.length,
          "the energy has %s labels, but there are %s chains",
          classes.length,
          logits.rows());
      double[] energies = new double[classes.length];
      double[][] scores = new double[classes.length][];
      for (int i = 0; i < classes.length; i++) {
        Logits row = logits.rows(i, i + 1);
        LossValue value = loss.evaluate(LossInput.none().with(group, row, classes[i]));
        energies[i] = value.value();
        scores[i] = negated(value.gradient(group).orElseGet(() -> new double[1][row.classes()])[0]);
      }
      return new EnergyGradient.Value(energies, scores);
    };
  }

  private static double[] negated(double[] gradient) {
    double[] score = new double[gradient.length];
    for (int c = 0; c < score.length; c++) {
      score[c] = -gradient[c];
    }
    return score;
  }
}
