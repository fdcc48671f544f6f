package org.udge.loss;

import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import java.util.EnumMap;
import java.util.Map;
import org.udge.data.Batch;
import org.udge.engine.Logits;

/**
 * The logits and labels of one training step, by group of images.
 *
 * <p>Immutable as long as the label arrays are not modified.
 */
public final class LossInput {

  private record Entry(Logits logits, int[] labels) {}

  private final Map<ImageGroup, Entry> groups = new EnumMap<>(ImageGroup.class);

  private LossInput() {}

  /**
   * Returns the input of a step with labeled images only.
   *
   * @param logits [N, C]
   * @param labels N class indices
   * @return the input
   */
  public static LossInput ofLabeled(Logits logits, int... labels) {
    return new LossInput().with(ImageGroup.LABELED, logits, labels);
  }

  /**
   * Returns an empty input, to which groups are added.
   *
   * @return an input without groups
   */
  public static LossInput none() {
    return new LossInput();
  }

  /**
   * Returns a copy of this input with one more group.
   *
   * @param group the group
   * @param logits [N, C]
   * @param labels N class indices or {@link Batch#UNLABELED}
   * @return a new input
   * @throws IllegalArgumentException if the counts differ or a label is out of range
   */
  public LossInput with(ImageGroup group, Logits logits, int... labels) {
    checkArgument(
        logits.rows() == labels.length,
        "%s: %s rows of logits but %s labels",
        group,
        logits.rows(),
        labels.length);
    for (int label : labels) {
      checkArgument(
          label >= Batch.UNLABELED && label < logits.classes(),
          "%s: label %s is out of range, there are %s classes",
          group,
          label,
          logits.classes());
    }
    LossInput result = new LossInput();
    result.groups.putAll(groups);
    result.groups.put(group, new Entry(logits, labels));
    return result;
  }

  /**
   * Returns the logits of a group.
   *
   * @param group one of the term's {@linkplain LossTerm#groups() groups}
   * @return [N, C]
   * @throws IllegalStateException if the step has no such group
   */
  public Logits logits(ImageGroup group) {
    return entry(group).logits;
  }

  /**
   * Returns the labels of a group; the array must not be modified.
   *
   * @param group one of the term's {@linkplain LossTerm#groups() groups}
   * @return N class indices or {@link Batch#UNLABELED}
   * @throws IllegalStateException if the step has no such group
   */
  public int[] labels(ImageGroup group) {
    return entry(group).labels;
  }

  /**
   * Returns the labels of a group, all of which must be known; the array must not be modified.
   *
   * @param group one of the term's {@linkplain LossTerm#groups() groups}
   * @return N class indices
   * @throws IllegalStateException if the step has no such group, or an image of the group has no
   *     label
   */
  public int[] requireLabels(ImageGroup group) {
    int[] labels = labels(group);
    for (int i = 0; i < labels.length; i++) {
      checkState(labels[i] != Batch.UNLABELED, "%s image %s has no label", group, i);
    }
    return labels;
  }

  private Entry entry(ImageGroup group) {
    Entry entry = groups.get(group);
    checkState(entry != null, "this step has no %s images; it has %s", group, groups.keySet());
    return entry;
  }
}
