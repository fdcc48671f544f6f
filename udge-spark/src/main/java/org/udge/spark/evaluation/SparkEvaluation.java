package org.udge.spark.evaluation;

import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.udge.data.ImageSource;
import org.udge.engine.EngineChoice;
import org.udge.evaluation.EvaluationReport;
import org.udge.evaluation.EvaluationResult;
import org.udge.evaluation.Evaluator;
import org.udge.internal.Checks;
import org.udge.spark.data.ExecutorException;
import org.udge.spark.data.ImageSourceFactory;
import org.udge.spark.internal.ExecutorModels;
import org.udge.spark.internal.ImageColumn;
import org.udge.spark.internal.SharedModel;

/**
 * Evaluates a model with any number of evaluators over images that many machines read: the
 * distributed version of {@link org.udge.evaluation.Evaluation}.
 *
 * <p>Each executor opens the model once and evaluates parts of the images; the evaluators'
 * accumulators are merged by {@code treeAggregate}. With an {@link ImageSourceFactory}, batches are
 * the same as on one machine, and images count in their order: counts are equal, sums are equal up
 * to rounding, and so are the results of all evaluators that draw no random numbers (the random
 * starts of {@code RobustnessEvaluator} are drawn by the number of the batch, which restarts in
 * each part).
 *
 * <p>Evaluators are given as factories, because each executor has its own: {@code
 * with(ClassificationEvaluator::ofDefaults)}. In the report, results are found by an equal
 * evaluator, metrics by their keys. Sets that an evaluator needs in addition to the set under
 * evaluation are also distributed over the executors; they are opened where the factory runs.
 *
 * <p>Immutable and thread-safe; every setter returns a new evaluation.
 */
public final class SparkEvaluation {

  private final SparkSession spark;
  private final String modelFile;
  private final List<EvaluatorFactory<?>> factories;
  private final int batchSize;
  private final String split;
  private final EngineChoice engine;

  private SparkEvaluation(
      SparkSession spark,
      String modelFile,
      List<EvaluatorFactory<?>> factories,
      int batchSize,
      String split,
      EngineChoice engine) {
    this.spark = spark;
    this.modelFile = modelFile;
    this.factories = factories;
    this.batchSize = batchSize;
    this.split = split;
    this.engine = engine;
  }

  /**
   * Starts an evaluation.
   *
   * @param spark the session
   * @param modelFile the model to evaluate: a path or URI of a Hadoop file system, read by the
   *     driver and sent to the executors
   * @return an evaluation without evaluators
   */
  public static SparkEvaluation of(SparkSession spark, String modelFile) {
    return new SparkEvaluation(spark, modelFile, List.of(), 128, "test", EngineChoice.AUTO);
  }

  /**
   * Adds an evaluator.
   *
   * @param factory creates the evaluator, for example {@code ClassificationEvaluator::ofDefaults}
   * @param <R> the evaluator's result
   * @return a new evaluation
   * @throws IllegalArgumentException if there is already an evaluator of that name
   */
  public <R extends EvaluationResult> SparkEvaluation with(EvaluatorFactory<R> factory) {
    Evaluator<R> evaluator = factory.create();
    checkArgument(
        factories.stream().noneMatch(f -> f.create().name().equals(evaluator.name())),
        "there is a '%s' evaluator already",
        evaluator.name());
    List<EvaluatorFactory<?>> more =
        Stream.<EvaluatorFactory<?>>concat(factories.stream(), Stream.of(factory)).toList();
    return new SparkEvaluation(spark, modelFile, more, batchSize, split, engine);
  }

  /**
   * Sets the number of images per pass of the network.
   *
   * @param images at least 1; default 128
   * @return a new evaluation
   * @throws IllegalArgumentException if it is below 1
   */
  public SparkEvaluation withBatchSize(int images) {
    Checks.atLeast(1, "batch size", images);
    return new SparkEvaluation(spark, modelFile, factories, images, split, engine);
  }

  /**
   * Sets the name of the set under evaluation in keys such as {@code test/accuracy}.
   *
   * @param name not empty; default {@code test}
   * @return a new evaluation
   * @throws IllegalArgumentException if it is empty
   */
  public SparkEvaluation withSplit(String name) {
    checkArgument(!name.isEmpty(), "the split needs a name");
    return new SparkEvaluation(spark, modelFile, factories, batchSize, name, engine);
  }

  /**
   * Sets the engine that runs the network.
   *
   * @param choice default {@link EngineChoice#AUTO}: on all executors the driver's engine
   * @return a new evaluation
   */
  public SparkEvaluation withEngine(EngineChoice choice) {
    return new SparkEvaluation(spark, modelFile, factories, batchSize, split, choice);
  }

  /**
   * Evaluates images that every executor opens itself. Classes are matched to the model's by name.
   *
   * @param images opens the set, also on the driver
   * @param parts number of parts, at least 1: a few per core of the cluster
   * @return all results
   * @throws IOException if the model or the images cannot be read on the driver
   * @throws ExecutorException if an executor fails; the message names it
   * @throws IllegalArgumentException if a set is empty or the classes are not the model's
   * @throws IllegalStateException if there is no evaluator
   */
  public EvaluationReport run(ImageSourceFactory images, int parts) throws IOException {
    Checks.atLeast(1, "parts", parts);
    ImageSource source = images.open();
    Judge judge = judge(source);
    JavaRDD<Parts> seen =
        each(ImageRange.cut(0, source.size(), parts, batchSize))
            .map(range -> judge.ofImages(images, range));
    return report(source.name(), seen, seen.getNumPartitions(), judge);
  }

  /**
   * Evaluates the images of a table.
   *
   * @param rows the table
   * @param imageColumn images in any form that {@code EnergyScorerModel} accepts
   * @param labelColumn class indices (any number type) or class names (string); null means no label
   * @return all results, as of a set called {@code rows}
   * @throws IOException if the model cannot be read
   * @throws ExecutorException if an executor fails, or an image cannot be read; the message names
   *     both
   * @throws IllegalArgumentException if a column is absent or of another type
   * @throws IllegalStateException if there is no evaluator or no row
   */
  public EvaluationReport run(Dataset<Row> rows, String imageColumn, String labelColumn)
      throws IOException {
    List<String> names = Arrays.asList(rows.columns());
    // Before the model is read, and for the whole table, whose columns the message lists.
    ImageColumn unused = ImageColumn.of(rows.schema(), imageColumn);
    checkArgument(
        names.contains(labelColumn), "there is no column '%s', there are %s", labelColumn, names);
    DataType type = rows.schema().apply(labelColumn).dataType();
    checkArgument(
        type instanceof NumericType || type instanceof StringType,
        "column '%s' holds %s: expected class indices (numbers) or class names (strings)",
        labelColumn,
        type.simpleString());
    Judge judge = judge();
    Column[] needed =
        Stream.of(imageColumn, labelColumn, "path")
            .filter(names::contains)
            .distinct()
            .map(functions::col)
            .toArray(Column[]::new);
    Dataset<Row> used = rows.select(needed);
    ImageColumn images = ImageColumn.of(used.schema(), imageColumn);
    int label = used.schema().fieldIndex(labelColumn);
    JavaRDD<Row> rdd = used.toJavaRDD();
    JavaRDD<Parts> seen =
        rdd.mapPartitionsWithIndex(
            (place, some) -> List.of(judge.ofRows(place, some, images, label)).iterator(), true);
    return report("rows", seen, rdd.getNumPartitions(), judge);
  }

  private Judge judge(ImageSource source) throws IOException {
    checkArgument(source.size() > 0, "%s is empty", source.name());
    SharedModel model = model();
    try (ExecutorModels.Lease lease = model.take()) {
      ImageSource unused = source.matchedTo(lease.model().classNames());
    }
    return new Judge(model, factories, batchSize);
  }

  private Judge judge() throws IOException {
    return new Judge(model(), factories, batchSize);
  }

  private SharedModel model() throws IOException {
    checkState(!factories.isEmpty(), "say what to compute: with(evaluator)");
    return SharedModel.of(spark.sparkContext(), modelFile, engine, true);
  }

  private JavaRDD<ImageRange> each(List<ImageRange> ranges) {
    return JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(ranges, ranges.size());
  }

  private EvaluationReport report(String name, JavaRDD<Parts> seen, int places, Judge judge) {
    JavaRDD<Parts> all = seen;
    int next = places;
    for (Map.Entry<String, ImageSource> outOfDistributionSet : outOfDistributionSets().entrySet()) {
      String set = outOfDistributionSet.getKey();
      checkArgument(outOfDistributionSet.getValue().size() > 0, "%s is empty", set);
      List<ImageRange> ranges =
          ImageRange.cut(next, outOfDistributionSet.getValue().size(), places, batchSize);
      all = all.union(each(ranges).map(range -> judge.ofOutOfDistributionSet(set, range)));
      next += ranges.size();
    }
    return EvaluationReport.of(name, split, aggregate(all).merged());
  }

  private Map<String, ImageSource> outOfDistributionSets() {
    Map<String, ImageSource> all = new LinkedHashMap<>();
    factories.forEach(factory -> all.putAll(factory.create().outOfDistributionSets()));
    return all;
  }

  private Parts aggregate(JavaRDD<Parts> seen) {
    try {
      return seen.treeAggregate(Parts.none(factories), Parts::plus, Parts::plus);
    } catch (Exception e) {
      Optional<ExecutorException> known = ExecutorException.find(e);
      if (known.isPresent()) {
        throw new ExecutorException(String.valueOf(known.get().getMessage()), e);
      }
      throw e;
    }
  }
}
