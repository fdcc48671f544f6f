package org.udge.evaluation;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.udge.internal.Json;

/**
 * A number computed from images, and how far it might have been another with other images.
 *
 * @param estimate the number itself
 * @param lower lower end
 * @param upper upper end
 * @param level how often such an interval covers the truth, for example 0.95
 * @param resamples how many bootstrap samples it rests on
 */
public record ConfidenceInterval(
    double estimate, double lower, double upper, double level, int resamples) {

  /**
   * Returns the interval for programs.
   *
   * @return estimate, lower, upper, level, resamples
   */
  public Map<String, Object> details() {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("estimate", estimate);
    details.put("lower", lower);
    details.put("upper", upper);
    details.put("level", level);
    details.put("resamples", resamples);
    return details;
  }

  /**
   * {@link #details()} as JSON.
   *
   * @return an object in JSON; what is not a finite number is null
   */
  public String toJson() {
    return Json.text(details());
  }

  /**
   * Returns the interval, for example {@code 0.9120 [0.9061, 0.9177] (95 %, 1000 resamples)}.
   *
   * @return one line
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.4f [%.4f, %.4f] (%s %%, %d resamples)",
        estimate,
        lower,
        upper,
        String.format(Locale.ROOT, "%.1f", 100 * level).replaceFirst("\\.0$", ""),
        resamples);
  }
}
