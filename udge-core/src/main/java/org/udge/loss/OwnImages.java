package org.udge.loss;

import static java.util.Objects.requireNonNull;

import org.udge.data.Batch;

/**
 * Images that a term itself contributes to a step (see {@link LossFunction#ownImages}): drawn from
 * the model, made from the step's images, or taken from another source. The factory method
 * determines their treatment by batch normalization; in networks without it, there is no
 * difference. They never update running statistics.
 *
 * <p>Immutable as long as the batch is not modified.
 */
public final class OwnImages {

  private final ImageGroup group;
  private final Batch batch;
  private final boolean batchStatistics;

  private OwnImages(ImageGroup group, Batch batch, boolean batchStatistics) {
    this.group = group;
    this.batch = requireNonNull(batch);
    this.batchStatistics = batchStatistics;
  }

  /**
   * Returns images drawn from the model, in group {@link ImageGroup#SAMPLED}: normalized by running
   * statistics.
   *
   * @param batch the images; valid until the step is done
   * @return the images for the step
   */
  public static OwnImages sampled(Batch batch) {
    return new OwnImages(ImageGroup.SAMPLED, batch, false);
  }

  /**
   * Returns images to be learned like data, in group {@link ImageGroup#OWN}: normalized by the
   * statistics of their own batch.
   *
   * @param batch the images; valid until the step is done
   * @return the images for the step
   */
  public static OwnImages likeData(Batch batch) {
    return new OwnImages(ImageGroup.OWN, batch, true);
  }

  /**
   * Returns images to be distinguished from data, in group {@link ImageGroup#OWN}: normalized by
   * the running statistics of data, as they will be when the model is in use.
   *
   * @param batch the images; valid until the step is done
   * @return the images for the step
   */
  public static OwnImages unlikeData(Batch batch) {
    return new OwnImages(ImageGroup.OWN, batch, false);
  }

  /**
   * Returns the group in which the term finds their logits.
   *
   * @return {@link ImageGroup#SAMPLED} or {@link ImageGroup#OWN}
   */
  public ImageGroup group() {
    return group;
  }

  /**
   * Returns the images.
   *
   * @return the batch, with or without labels
   */
  public Batch batch() {
    return batch;
  }

  /**
   * Returns whether batch normalization uses the statistics of these images.
   *
   * @return false if it uses running statistics
   */
  public boolean usesBatchStatistics() {
    return batchStatistics;
  }
}
