package org.udge.evaluation;

import java.util.List;
import java.util.stream.IntStream;
import org.udge.data.Batch;
import org.udge.engine.Logits;
import static com.google.common.base.Preconditions.checkState;

/** stub, replaced below. */
public final class EvaluationBatch {
  private final Logits logits; private final int[] labels;
  private EvaluationBatch(Logits l, int[] y) { logits=l; labels=y;}
  /**
   * Logits.
   * @param logits l
   * @param labels y
   * @return b
   */
  public static EvaluationBatch of(Logits logits, int... labels) { return new EvaluationBatch(logits, labels); }
  /**
   * Logits.
   * @return b
   */
  public Logits logits() { return logits; }
  /**
   * Logits.
   * @return b
   */
  public int[] requireLabels() {
    for (int i = 0; i < labels.length; i++) {
      checkState(labels[i] != Batch.UNLABELLED, "image %s of the batch has no label", i);
    }
    return labels;
  }
  /**
   * Logits.
   * @return b
   */
  public List<String> classNames() { return IntStream.range(0, logits.classes()).mapToObj(Integer::toString).toList(); }
}
