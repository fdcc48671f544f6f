package org.udge.datasets;

import java.util.Locale;

/** A split of a data set, as defined by its authors. */
public enum Split {
  /** For training. */
  TRAIN,
  /** For choosing settings; few sets have one. */
  VALIDATION,
  /** For testing. */
  TEST,
  /** SVHN's additional, easier training images. */
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
