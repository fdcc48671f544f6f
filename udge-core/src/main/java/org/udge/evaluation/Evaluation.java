package org.udge.evaluation;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.Classifier;
import org.udge.data.Batch;
import org.udge.data.ImageSource;
import org.udge.internal.Checks;

/**
 * Evaluates a classifier with any number of {@linkplain Evaluator evaluators} in one pass over the
 * images.
 *
 * <pre>{@code
 * ClassificationEvaluator classification = ClassificationEvaluator.ofDefaults();
 * EvaluationReport report =
 *     Evaluation.of(model)
 *         .with(classification)
 *         .with(CalibrationEvaluator.ofDefaults().withBins(15))
 *         .run(test);
 * double accuracy = report.get(classification).accuracy();
 * }</pre>
 *
 * <p>Images are read batch by batch; memory use depends on the evaluators only. The model runs in
 * its {@linkplain org.udge.EnergyModel#mode() mode} and is not changed.
 *
 * <p>Immutable and thread-safe; every method that adds or changes a setting returns a new
 * evaluation.
 */
public final class Evaluation {

  private final Classifier model;
  private final ImmutableList<Evaluator<?>> evaluators;
  private final int batchSize;
  private final String split;
  private final UnaryOperator<INDArray> preprocessing;

  private Evaluation(
      Classifier model,
      ImmutableList<Evaluator<?>> evaluators,
      int batchSize,
      String split,
      UnaryOperator<INDArray> preprocessing) {
    this.model = model;
    this.evaluators = evaluators;
    this.batchSize = batchSize;
    this.split = split;
    this.preprocessing = preprocessing;
  }

  /**
   * Returns an evaluation of a classifier.
   *
   * @param model the classifier to evaluate, for example an {@link org.udge.EnergyModel}; the
   *     caller keeps ownership
   * @return an evaluation without evaluators
   */
  public static Evaluation of(Classifier model) {
    return new Evaluation(
        requireNonNull(model), ImmutableList.of(), 128, "test", UnaryOperator.identity());
  }

  /**
   * Returns a copy with one more evaluator.
   *
   * @param evaluator the evaluator, which is also the key of its result
   * @return a new evaluation
   * @throws IllegalArgumentException if there already is an evaluator of that name
   */
  public Evaluation with(Evaluator<?> evaluator) {
    List<String> names = evaluators.stream().map(e -> e.name()).toList();
    checkArgument(
        !names.contains(evaluator.name()), "there is a '%s' evaluator already", evaluator.name());
    return new Evaluation(
        model,
        ImmutableList.<Evaluator<?>>builder().addAll(evaluators).add(evaluator).build(),
        batchSize,
        split,
        preprocessing);
  }

  /**
   * Returns a copy with another batch size, the number of images that pass through the network
   * together.
   *
   * @param images the batch size, at least 1; default 128
   * @return a new evaluation
   * @throws IllegalArgumentException if it is below 1
   */
  public Evaluation withBatchSize(int images) {
    Checks.atLeast(1, "batch size", images);
    return new Evaluation(model, evaluators, images, split, preprocessing);
  }

  /**
   * Returns a copy with another name of the set under evaluation, used in keys such as {@code
   * test/accuracy}.
   *
   * @param name the name, not empty; default {@code test}
   * @return a new evaluation
   * @throws IllegalArgumentException if it is empty
   */
  public Evaluation withSplit(String name) {
    checkArgument(!name.isEmpty(), "the split needs a name");
    return new Evaluation(model, evaluators, batchSize, name, preprocessing);
  }

  /**
   * Returns a copy that preprocesses all images before they are evaluated: noise as added by the
   * published program, or refinement by Langevin sampling as in JEM. Attacks do not see the
   * preprocessing; pass refinement to the attack evaluators instead.
   *
   * @param change receives the images of a batch, [N, C, H, W], and returns new ones without
   *     modifying its argument; default: none
   * @return a new evaluation
   */
  public Evaluation withPreprocessing(UnaryOperator<INDArray> change) {
    return new Evaluation(model, evaluators, batchSize, split, requireNonNull(change));
  }

  /**
   * Reads the set, and then the further sets that evaluators request. Classes of the set are
   * {@linkplain ImageSource#matchedTo matched} to the model's by name.
   *
   * @param source the set under evaluation
   * @return all results
   * @throws IllegalArgumentException if a set is empty, the classes of the set are not the model's,
   *     or a label or logit is out of range
   * @throws IllegalStateException if there is no evaluator, or labels are needed and missing
   */
  public EvaluationReport run(ImageSource source) {
    checkState(!evaluators.isEmpty(), "say what to compute: with(evaluator)");
    Map<Evaluator<?>, Accumulator<?>> running = new LinkedHashMap<>();
    evaluators.forEach(e -> running.put(e, e.begin()));
    feed(
        source.matchedTo(model.classNames()),
        batch -> running.values().forEach(a -> a.update(batch)));
    outOfDistributionSets()
        .forEach(
            (name, set) ->
                feed(
                    set,
                    batch ->
                        running.forEach(
                            (evaluator, accumulator) -> {
                              if (evaluator.outOfDistributionSets().containsKey(name)) {
                                accumulator.update(batch.ofOutOfDistributionSet(name));
                              }
                            })));
    return EvaluationReport.of(source.name(), split, running);
  }

  /** Returns each further set once, even if several evaluators request it. */
  private Map<String, ImageSource> outOfDistributionSets() {
    Map<String, ImageSource> all = new LinkedHashMap<>();
    for (Evaluator<?> evaluator : evaluators) {
      evaluator
          .outOfDistributionSets()
          .forEach(
              (name, source) -> {
                ImageSource other = all.putIfAbsent(name, source);
                checkArgument(other == null || other == source, "two sets are called '%s'", name);
              });
    }
    return all;
  }

  private void feed(ImageSource source, Consumer<EvaluationBatch> consumer) {
    checkArgument(source.size() > 0, "%s is empty", source.name());
    for (Batch batch : source.batches(batchSize)) {
      try (batch) {
        INDArray images = preprocessing.apply(batch.images());
        consumer.accept(EvaluationBatch.of(model, images, batch.labels()));
      }
    }
  }
}
