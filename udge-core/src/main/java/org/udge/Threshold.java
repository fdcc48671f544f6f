package org.udge;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.OptionalDouble;
import org.udge.internal.Checks;

/**
 * Where to draw the line between in and out of distribution: an image is taken for in-distribution
 * if its score is at least {@code value}. Scores are in {@code org.udge.evaluation.detection},
 * where {@code OutOfDistributionScore.threshold} fits one to a model.
 *
 * @param score name of the score it is for, for example {@code px}
 * @param value the line
 * @param falseAlarmRate share of the in-distribution images it was chosen from that lie below it;
 *     empty if that is not known
 * @param images how many images it was chosen from; 0 if that is not known
 */
public record Threshold(String score, double value, OptionalDouble falseAlarmRate, long images) {

  /**
   * Checks the line.
   *
   * @param score name of the score it is for
   * @param value the line
   * @param falseAlarmRate share of in-distribution images below it
   * @param images how many images it was chosen from
   * @throws IllegalArgumentException if the score has no name, the line is NaN, the rate not in [0,
   *     1], or the number of images negative
   */
  public Threshold {
    checkArgument(!score.isEmpty(), "a threshold is of a score, whose name must not be empty");
    checkArgument(!Double.isNaN(value), "threshold of score %s is NaN", score);
    falseAlarmRate.ifPresent(
        rate ->
            checkArgument(
                rate >= 0 && rate <= 1, "false-alarm rate must be in [0, 1], was %s", rate));
    checkArgument(images >= 0, "images must be at least 0, was %s", images);
  }

  /**
   * A line that was chosen elsewhere.
   *
   * @param score name of the score it is for, for example {@code px}
   * @param value the line
   * @return the threshold; what it was chosen from is not known
   * @throws IllegalArgumentException if the score has no name, or the line is NaN
   */
  public static Threshold of(String score, double value) {
    return new Threshold(score, value, OptionalDouble.empty(), 0);
  }

  /**
   * The highest line that at most a given share of in-distribution images falls below. Choose it on
   * validation images, not on those it is judged by.
   *
   * @param score name of the score
   * @param inScores scores of in-distribution images
   * @param rate accepted share of false alarms, above 0 and below 1, for example 0.05
   * @return the line; its {@code falseAlarmRate} is what was reached, lower than asked for where
   *     there are ties or few images
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
   * Whether an image of this score is taken for in-distribution.
   *
   * @param imageScore the score
   * @return true if it is at least {@code value}; false if it is NaN
   */
  public boolean accepts(double imageScore) {
    return imageScore >= value;
  }
}
