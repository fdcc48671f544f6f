package org.udge.sampling;

import static org.udge.internal.Preconditions.checkArgument;

import org.udge.data.Batch;
import org.udge.engine.Logits;

/**
 * An energy that is a function of an image's logits, together with its direction of descent.
 *
 * <p>Chains must not depend on each other: row i of the result depends on row i of the logits only.
 * Energies are never summed or averaged over chains, so the step of a chain does not depend on the
 * number of chains that run beside it.
 */
@FunctionalInterface
public interface EnergyGradient {

  /**
   * The energies of N images and their descent directions.
   *
   * @param energies E, one per image, in nats
   * @param scores d(-E)/df, [N][C]: the gradient of the unnormalized log density with respect to
   *     the image's logits
   */
  record Value(double[] energies, double[][] scores) {

    /**
     * Checks the counts. The arrays are kept, not copied.
     *
     * @param energies E, one per image, in nats
     * @param scores d(-E)/df, [N][C]
     * @throws IllegalArgumentException if the counts differ
     */
    public Value {
      checkArgument(
          energies.length == scores.length,
          "%s energies but %s rows of scores",
          energies.length,
          scores.length);
    }
  }

  /**
   * Evaluates the energy.
   *
   * @param logits f(x) of N images
   * @return the energies and scores of the N images
   */
  Value evaluate(Logits logits);

  /**
   * Returns E(x) = -logsumexp_y f(x)[y], for samples of p(x). Its score is softmax f(x).
   *
   * @return the energy (JEM, equation 6)
   */
  static EnergyGradient marginal() {
    return logits -> {
      double[] energies = new double[logits.rows()];
      double[][] scores = new double[logits.rows()][];
      for (int i = 0; i < energies.length; i++) {
        energies[i] = -logits.logSumExp(i);
        scores[i] = logits.probabilities(i);
      }
      return new Value(energies, scores);
    };
  }

  /**
   * Returns E(x, y) = -f(x)[y], for samples of p(x|y). Its score is one-hot.
   *
   * @param labels y, one per chain
   * @return the energy (JEM, equation 4)
   * @throws IllegalArgumentException if a label is {@link Batch#UNLABELED} or another negative
   *     number
   */
  static EnergyGradient conditional(int... labels) {
    int[] classes = labels.clone();
    for (int label : classes) {
      checkArgument(label >= 0, "labels of conditional samples must be known, one was %s", label);
    }
    return logits -> {
      checkArgument(
          logits.rows() == classes.length,
          "the energy has %s labels, but there are %s chains",
          classes.length,
          logits.rows());
      double[] energies = new double[classes.length];
      double[][] scores = new double[classes.length][logits.classes()];
      for (int i = 0; i < classes.length; i++) {
        checkArgument(
            classes[i] < logits.classes(),
            "label %s is out of range, there are %s classes",
            classes[i],
            logits.classes());
        energies[i] = -logits.get(i, classes[i]);
        scores[i][classes[i]] = 1;
      }
      return new Value(energies, scores);
    };
  }
}
