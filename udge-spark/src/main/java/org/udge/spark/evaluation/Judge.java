package org.udge.spark.evaluation;

import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.data.ImageSource;
import org.udge.evaluation.Accumulator;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.Evaluator;
import org.udge.spark.data.ImageSourceFactory;
import org.udge.spark.internal.Executor;
import org.udge.spark.internal.ExecutorModels;
import org.udge.spark.internal.ImageColumn;
import org.udge.spark.internal.SharedModel;

/** Evaluates a part of the images on an executor. */
final class Judge implements Serializable {

  private static final long serialVersionUID = 1;

  private final SharedModel model;
  private final ArrayList<EvaluatorFactory<?>> factories;
  private final int batchSize;

  Judge(SharedModel model, List<EvaluatorFactory<?>> factories, int batchSize) {
    this.model = model;
    this.factories = new ArrayList<>(factories);
    this.batchSize = batchSize;
  }

  /** Runs an action with a model and accumulators of its own. */
  private interface Work {
    void run(EnergyModel model, Map<Evaluator<?>, Accumulator<?>> running) throws IOException;
  }

  private Parts judge(int place, String what, Work work) {
    Map<Evaluator<?>, Accumulator<?>> running = begin(factories);
    try (ExecutorModels.Lease lease = model.take()) {
      work.run(lease.model(), running);
    } catch (IOException
        | IllegalArgumentException
        | IllegalStateException
        | UncheckedIOException
        | OutOfMemoryError e) {
      throw Executor.failure("cannot judge " + what + ": " + e.getMessage(), e);
    }
    return Parts.of(place, factories, running.values());
  }

  static Map<Evaluator<?>, Accumulator<?>> begin(List<EvaluatorFactory<?>> factories) {
    Map<Evaluator<?>, Accumulator<?>> running = new LinkedHashMap<>();
    for (EvaluatorFactory<?> factory : factories) {
      Evaluator<?> evaluator = factory.create();
      running.put(evaluator, evaluator.begin());
    }
    return running;
  }

  /** Images of the set under evaluation. */
  Parts ofImages(ImageSourceFactory images, ImageRange range) {
    return judge(
        range.place(),
        "images " + range,
        (classifier, running) -> {
          ImageSource source = images.open().matchedTo(classifier.classNames());
          checkArgument(
              source.size() == range.size(),
              "%s has %s images here, %s on the driver",
              source.name(),
              source.size(),
              range.size());
          feed(classifier, source, range, Optional.empty(), running.values());
        });
  }

  /** Images of an additional set, for the evaluators that requested it. */
  Parts ofOutOfDistributionSet(String set, ImageRange range) {
    return judge(
        range.place(),
        "images " + range + " of '" + set + "'",
        (classifier, running) -> {
          List<Accumulator<?>> asking = new ArrayList<>();
          Optional<ImageSource> source = Optional.empty();
          for (Map.Entry<Evaluator<?>, Accumulator<?>> each : running.entrySet()) {
            ImageSource wanted = each.getKey().outOfDistributionSets().get(set);
            if (wanted != null) {
              asking.add(each.getValue());
              source = Optional.of(wanted);
            }
          }
          feed(classifier, source.orElseThrow(), range, Optional.of(set), asking);
        });
  }

  private void feed(
      EnergyModel classifier,
      ImageSource source,
      ImageRange range,
      Optional<String> outOfDistributionSet,
      Iterable<Accumulator<?>> accumulators) {
    for (int first = range.from(); first < range.to(); first += batchSize) {
      int end = Math.min(range.to(), first + batchSize);
      try (Batch batch = source.read(IntStream.range(first, end).toArray())) {
        EvaluationBatch plain = EvaluationBatch.of(classifier, batch.images(), batch.labels());
        EvaluationBatch given =
            outOfDistributionSet.map(plain::ofOutOfDistributionSet).orElse(plain);
        accumulators.forEach(each -> each.update(given));
      }
    }
  }

  /** Rows of a partition. */
  Parts ofRows(int place, Iterator<Row> rows, ImageColumn images, int labelIndex) {
    return judge(
        place,
        "the rows of partition " + place,
        (classifier, running) -> {
          int size = classifier.shape().size();
          float[] pixels = new float[Math.multiplyExact(batchSize, size)];
          List<Integer> labels = new ArrayList<>();
          while (rows.hasNext()) {
            Row row = rows.next();
            images.read(row, classifier, pixels, labels.size() * size);
            labels.add(label(row, labelIndex, images, classifier.classNames()));
            if (labels.size() == batchSize || !rows.hasNext()) {
              int[] known = labels.stream().mapToInt(Integer::intValue).toArray();
              EvaluationBatch batch =
                  EvaluationBatch.of(
                      classifier,
                      ImageColumn.batch(pixels, classifier.shape(), known.length),
                      known);
              running.values().forEach(each -> each.update(batch));
              labels.clear();
            }
          }
        });
  }

  private static int label(Row row, int index, ImageColumn images, List<String> classNames) {
    Object value = row.isNullAt(index) ? Batch.UNLABELED : row.get(index);
    if (value instanceof String name) {
      int found = classNames.indexOf(name);
      checkArgument(
          found >= 0,
          "the label of image %s is '%s', which is not one of the classes %s",
          images.name(row),
          name,
          classNames);
      return found;
    }
    double number = ((Number) value).doubleValue();
    int label = (int) number;
    checkArgument(
        label == number && label < classNames.size() && (label >= 0 || label == Batch.UNLABELED),
        "the label of image %s is %s: expected a class index, 0 to %s, or a class name",
        images.name(row),
        value,
        classNames.size() - 1);
    return label;
  }
}
