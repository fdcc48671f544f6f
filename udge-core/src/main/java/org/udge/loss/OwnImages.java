package org.udge.loss;

import static java.util.Objects.requireNonNull;

import org.udge.data.Batch;

/**
 * Images that a term brings to a step itself, see {@link LossFunction#ownImages}: drawn from the
 * model, made of the step's images, or taken from another source. The factory says how batch
 * normalization treats them; where there is none, they are all the same. Running statistics never
 * move with them.
 *
 * <p>Immutable as long as nobody changes the batch.
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
   * Images drawn from the model, as group {@link ImageGroup#SAMPLED}: normalized by running
   * statistics.
   *
   * @param batch the images; valid until the step is done
   * @return the images for the step
   */
  public static OwnImages sampled(Batch batch) {
    return new OwnImages(ImageGroup.SAMPLED, batch, false);
  }

  /**
   * Images to learn from as from data, as group {@link ImageGroup#OWN}: normalized by their own
   * batch's statistics.
   *
   * @param batch the images; valid until the step is done
   * @return the images for the step
   */
  public static OwnImages likeData(Batch batch) {
    return new OwnImages(ImageGroup.OWN, batch, true);
  }

  /**
   * Images to tell from data, as group {@link ImageGroup#OWN}: normalized by the running statistics
   * of data, as the model will meet them.
   *
   * @param batch the images; valid until the step is done
   * @return the images for the step
   */
  public static OwnImages unlikeData(Batch batch) {
    return new OwnImages(ImageGroup.OWN, batch, false);
  }

  /**
   * The group that the term finds their logits in.
   *
   * @return {@link ImageGroup#SAMPLED} or {@link ImageGroup#OWN}
   */
  public ImageGroup group() {
    return group;
  }

  /**
   * The images.
   *
   * @return with or without labels
   */
  public Batch batch() {
    return batch;
  }

  /**
   * Whether batch normalization takes the statistics of these images.
   *
   * @return false: it takes running statistics
   */
  public boolean usesBatchStatistics() {
    return batchStatistics;
  }
}
