package org.udge.evaluation;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.udge.internal.Json;

/**
 * An estimate computed from images, with its uncertainty due to the choice of images.
 *
 * @param estimate the estimate
 * @param lower the lower end
 * @param upper the upper end
 * @param level the probability that such an interval covers the true value, for example 0.95
 * @param resamples the number of bootstrap resamples that it is based on
 */
public record ConfidenceInterval(
    double estimate, double lower, double upper, double level, int resamples) {

  /**
   * Returns the interval in machine-readable form.
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
   * Returns {@link #details()} as JSON.
   *
   * @return a JSON object; numbers that are not finite become null
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
