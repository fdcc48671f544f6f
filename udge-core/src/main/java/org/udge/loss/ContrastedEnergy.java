package org.udge.loss;

import org.udge.sampling.EnergyGradient;

/** Which energies of data and of samples {@link ConditionalSGLD} compares. */
public enum ContrastedEnergy {
  /** E(x, y) = -f(x)[y], that of -log p(x|y). */
  JOINT {
    @Override
    EnergyGradient of(int... labels) {
      return EnergyGradient.conditional(labels);
    }
  },
  /**
   * E(x) = -logsumexp_y f(x)[y], that of -log p(x), though the samples are of p(x|y): what the
   * published program compares.
   */
  MARGINAL {
    @Override
    EnergyGradient of(int... labels) {
      return EnergyGradient.marginal();
    }
  };

  /** The energy of images with these labels. */
  abstract EnergyGradient of(int... labels);
}
