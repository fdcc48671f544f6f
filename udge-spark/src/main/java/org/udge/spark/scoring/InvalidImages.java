package org.udge.spark.scoring;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Treatment of rows whose image is null or cannot be read. */
enum InvalidImages {
  /** The job fails with a message that names the image and the executor. */
  ERROR,
  /** The row is kept, with nulls and the reason in the error column. */
  KEEP,
  /** The row is omitted. */
  SKIP;

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static List<String> texts() {
    return Arrays.stream(values()).map(InvalidImages::text).toList();
  }

  static InvalidImages of(String text) {
    checkArgument(
        texts().contains(text), "handleInvalid must be one of %s, was '%s'", texts(), text);
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
