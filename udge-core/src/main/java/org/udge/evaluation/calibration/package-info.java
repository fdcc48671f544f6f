/**
 * Whether probabilities mean what they say, and how to make them so.
 *
 * <p>Which class to choose:
 *
 * <ul>
 *   <li>{@link org.udge.evaluation.calibration.CalibrationEvaluator} measures calibration errors
 *       and draws reliability diagrams.
 *   <li>{@link org.udge.evaluation.calibration.TemperatureScaling} fits a calibration on held-out
 *       images, {@link org.udge.evaluation.calibration.VectorScaling} one with more freedom for
 *       many of them; {@link org.udge.evaluation.calibration.CalibrationComparison} shows before
 *       and after.
 *   <li>{@link org.udge.evaluation.calibration.PlattScaling} and {@link
 *       org.udge.evaluation.calibration.IsotonicRegression} set the probability of the predicted
 *       class alone.
 *   <li>{@link org.udge.evaluation.calibration.ConformalSets} fits sets of classes that hold the
 *       true one with a chosen probability; {@link
 *       org.udge.evaluation.calibration.PredictionSetEvaluator} judges them.
 *   <li>{@link org.udge.evaluation.calibration.RiskCoverageEvaluator} says what refusing to answer
 *       is worth, and where to draw the line for a chosen risk.
 *   <li>{@link org.udge.evaluation.calibration.BootstrapEvaluator} puts intervals around accuracy
 *       and calibration error.
 * </ul>
 */
@CheckReturnValue
@NullMarked
package org.udge.evaluation.calibration;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
