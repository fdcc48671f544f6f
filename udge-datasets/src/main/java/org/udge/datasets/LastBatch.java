package org.udge.datasets;

/** What becomes of the images left over when a batch size does not divide their number. */
public enum LastBatch {
  /**
   * They sit out this epoch (others will the next), so that all batches are of the same size. A set
   * smaller than one batch makes one batch of all its images.
   */
  DROP,

  /** They make a smaller last batch. */
  KEEP,

  /**
   * The last batch is filled up with the images that opened the epoch. A set smaller than one batch
   * repeats its images.
   */
  WRAP
}
