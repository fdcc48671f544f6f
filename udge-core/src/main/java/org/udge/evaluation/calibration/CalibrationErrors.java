package org.udge.evaluation.calibration;

/**
 * Calibration errors with one number of bins; lower is better for all of them.
 *
 * @param bins the number of bins
 * @param expected the expected calibration error over bins of equal width, (lo, hi]
 * @param adaptive the same over bins with equal numbers of images; images of equal confidence share
 *     a bin (Nguyen &amp; O'Connor 2015; Mukhoti et al. 2020)
 * @param classwise the mean over classes c of the expected error of p(c|x) as the probability that
 *     y = c, with bins of equal width (Kull et al. 2019, "classwise-ECE")
 * @param maximum the largest gap of a nonempty bin, with bins of equal width
 * @param debiased the expected error minus its bias, {@link ReliabilityDiagram#debiasedError}
 * @param perfect the expected error that a perfectly calibrated model with the same confidences
 *     would have, {@link ReliabilityDiagram#errorOfPerfectCalibration}
 * @param rootMeanSquare the root mean square of the gaps, with bins of equal width
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
