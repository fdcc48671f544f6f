package org.udge.evaluation.calibration;

/**
 * Calibration errors with one number of bins; lower is better for all of them.
 *
 * @param bins how many bins
 * @param expected expected calibration error over bins of equal width, (lo, hi]
 * @param adaptive the same over bins of equal numbers of images; images of equal confidence share a
 *     bin (Nguyen &amp; O'Connor 2015; Mukhoti et al. 2020)
 * @param classwise mean over classes c of the expected error of p(c|x) as the probability that y =
 *     c, bins of equal width (Kull et al. 2019, "classwise-ECE")
 * @param maximum largest gap of a bin that is not empty, equal width
 * @param debiased expected error less its bias, {@link ReliabilityDiagram#debiasedError}
 * @param perfect what a perfectly calibrated model of the same confidences would show as expected
 *     error, {@link ReliabilityDiagram#errorOfPerfectCalibration}
 * @param rootMeanSquare root mean square of the gaps, equal width
 */
public record CalibrationErrors(
    int bins,
    double expected,
    double adaptive,
    double classwise,
    double maximum,
    double debiased,
    double perfect,
    double rootMeanSquare) {}
