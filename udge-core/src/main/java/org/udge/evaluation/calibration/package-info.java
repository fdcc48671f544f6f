/**
 * Calibration: measuring whether probabilities match observed frequencies, and correcting them.
 *
 * <p>Which class to choose:
 *
 * <ul>
 *   <li>{@link org.udge.evaluation.calibration.CalibrationEvaluator} measures calibration errors
 *       and computes reliability diagrams.
 *   <li>{@link org.udge.evaluation.calibration.TemperatureScaling} fits a calibration on held-out
 *       images, {@link org.udge.evaluation.calibration.VectorScaling} one with more parameters, for
 *       many of them; {@link org.udge.evaluation.calibration.CalibrationComparison} compares the
 *       results before and after.
 *   <li>{@link org.udge.evaluation.calibration.PlattScaling} and {@link
 *       org.udge.evaluation.calibration.IsotonicRegression} calibrate the probability of the
 *       predicted class alone.
 *   <li>{@link org.udge.evaluation.calibration.ConformalSets} fits sets of classes that contain the
 *       true one with a chosen probability; {@link
 *       org.udge.evaluation.calibration.PredictionSetEvaluator} evaluates them.
 *   <li>{@link org.udge.evaluation.calibration.RiskCoverageEvaluator} evaluates selective
 *       classification, and determines the threshold for a chosen risk.
 *   <li>{@link org.udge.evaluation.calibration.BootstrapEvaluator} computes confidence intervals of
 *       accuracy and calibration error.
 * </ul>
 */
@CheckReturnValue
@NullMarked
package org.udge.evaluation.calibration;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
