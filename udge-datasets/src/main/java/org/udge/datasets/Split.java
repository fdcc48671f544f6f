package org.udge.datasets;

import java.util.Locale;

/** Which part of a data set, as its makers cut it. */
public enum Split {
  /** To train on. */
  TRAIN,
  /** To choose settings with; few sets have one. */
  VALIDATION,
  /** To test with. */
  TEST,
  /** SVHN's further, easier training images. */
  EXTRA;

  /**
   * The name as it is used in names of sets.
   *
   * @return the name in lower case
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
