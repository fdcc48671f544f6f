package org.udge;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.OptionalDouble;
import org.udge.internal.Checks;

/**
 * An out-of-distribution threshold: an image is accepted as in-distribution if its score is at
 * least {@code value}. Scores are in {@code org.udge.evaluation.detection}, where {@code
 * OutOfDistributionScore.threshold} fits a threshold to a model.
 *
 * @param score the name of the score, for example {@code px}
 * @param value the threshold
 * @param falseAlarmRate the fraction of in-distribution images below the threshold, among those it
 *     was chosen from; empty if unknown
 * @param images the number of images it was chosen from; 0 if unknown
 */
public record Threshold(String score, double value, OptionalDouble falseAlarmRate, long images) {

  /**
   * Checks the threshold.
   *
   * @param score the name of the score
   * @param value the threshold
   * @param falseAlarmRate the fraction of in-distribution images below it
   * @param images the number of images it was chosen from
   * @throws IllegalArgumentException if the name of the score is empty, the value is NaN, the rate
   *     is not in [0, 1], or the number of images is negative
   */
  public Threshold {
    checkArgument(!score.isEmpty(), "the name of a threshold's score must not be empty");
    checkArgument(!Double.isNaN(value), "threshold of score %s is NaN", score);
    falseAlarmRate.ifPresent(
        rate ->
            checkArgument(
                rate >= 0 && rate <= 1, "false-alarm rate must be in [0, 1], was %s", rate));
    checkArgument(images >= 0, "images must be at least 0, was %s", images);
  }

  /**
   * Returns a threshold that was chosen elsewhere.
   *
   * @param score the name of the score, for example {@code px}
   * @param value the threshold
   * @return the threshold; the images it was chosen from are unknown
   * @throws IllegalArgumentException if the name of the score is empty or the value is NaN
   */
  public static Threshold of(String score, double value) {
    return new Threshold(score, value, OptionalDouble.empty(), 0);
  }

  /**
   * Returns the highest threshold that at most a given fraction of in-distribution images falls
   * below. Choose it on validation images, not on the images that it is evaluated on.
   *
   * @param score the name of the score
   * @param inScores scores of in-distribution images
   * @param rate the accepted false-alarm rate, above 0 and below 1, for example 0.05
   * @return the threshold; its {@code falseAlarmRate} is the rate achieved, which is lower than the
   *     requested one where there are ties or few images
   * @throws IllegalArgumentException if there is no score, one is NaN, or the rate is out of range
   */
  public static Threshold forFalseAlarmRate(String score, double[] inScores, double rate) {
    Checks.probability("false-alarm rate", rate);
    double[] sorted = Checks.scores("in-distribution", inScores).clone();
    Arrays.sort(sorted);
    int below = (int) Math.floor(rate * sorted.length);
    double value = sorted[below];
    long alarms = Arrays.stream(sorted).filter(s -> s < value).count();
    return new Threshold(
        score, value, OptionalDouble.of((double) alarms / sorted.length), sorted.length);
  }

  /**
   * Returns whether an image of the given score is accepted as in-distribution.
   *
   * @param imageScore the score of the image
   * @return true if it is at least {@code value}; false if it is NaN
   */
  public boolean accepts(double imageScore) {
    return imageScore >= value;
  }
}
