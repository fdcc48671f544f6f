package org.udge.evaluation.calibration;

import org.udge.Calibration;
import org.udge.evaluation.LabeledLogits;

/**
 * Fits a {@link Calibration}. Use images held out for this purpose (the validation split), never
 * those that the model was trained on or is evaluated on.
 */
@FunctionalInterface
public interface Calibrator {

  /**
   * Fits a calibration.
   *
   * @param validation logits and labels of held-out images
   * @return the calibration
   */
  Calibration fit(LabeledLogits validation);
}
