package org.udge.datasets;

/**
 * Treatment of the images left over when the number of images is not a multiple of the batch size.
 */
public enum LastBatch {
  /**
   * They are skipped in this epoch (others in the next), so that all batches have the same size. A
   * set smaller than one batch forms one batch of all its images.
   */
  DROP,

  /** They form a smaller last batch. */
  KEEP,

  /**
   * The last batch is filled up with the first images of the epoch. A set smaller than one batch
   * repeats its images.
   */
  WRAP
}
