package org.udge.evaluation.calibration;

import org.udge.Calibration;
import org.udge.evaluation.LabeledLogits;

/**
 * Finds a {@link Calibration}. Fit on images held out for it (the validation split), never on those
 * the model was trained on or is judged by.
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
