package org.udge.spark.scoring;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.apache.spark.SparkContext;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.udge.engine.EngineChoice;
import org.udge.evaluation.detection.OutOfDistributionScore;
import org.udge.evaluation.detection.OutOfDistributionScores;
import org.udge.spark.internal.ImageColumn;
import org.udge.spark.internal.SharedModel;
import org.udge.spark.scoring.OutputColumns.Column;
import org.udge.spark.scoring.OutputColumns.Content;

/**
 * Scores a column of images with an energy model: a Spark ML {@link Transformer}, for tables and
 * for Structured Streaming, alone or in a {@code Pipeline}.
 *
 * <p><b>Images.</b> The input column contains the bytes of image files ({@code binary}, as from
 * {@code spark.read().format("binaryFile")}), rows of Spark's {@code image} schema, or pixels
 * ({@code array<float>} or {@code array<double>} of C H W numbers, in the order channel, row,
 * column and in the model's range). The first two are cropped and resized to the model's shape as
 * described in {@link org.udge.datasets.formats.ImageDecoder}.
 *
 * <p><b>Added columns</b>, each with a setter for its name and omitted if that is empty:
 *
 * <ul>
 *   <li>{@code prediction}, double: index of the most probable class, calibrated if the model is
 *   <li>{@code probability}, vector: p(y|x) for every class, uncalibrated
 *   <li>{@code calibrated}, vector: the same, calibrated; null if the model has no calibration
 *   <li>{@code logDensity}, double: log p(x) up to a constant
 *   <li>{@code score}, double: the out-of-distribution score, higher is more in-distribution
 *   <li>{@code inDistribution}, boolean: whether the score reaches the model's threshold for that
 *       score, or the one given; null if there is none
 *   <li>{@code error}, string, with {@code handleInvalid} = {@code keep} only: why the image could
 *       not be read; null if it could
 * </ul>
 *
 * <p><b>Where it runs.</b> The model is sent to each executor process once, opened there with the
 * first batch and shared by all its tasks; each task computes with {@code spark.task.cpus} threads.
 * Rows keep their order and their partition, and one batch of a partition is in memory at a time.
 * An executor whose jars, model file or engine differ from the driver's fails the job with a
 * message that names it.
 *
 * <p>It is saved and loaded with its parameters ({@code write()}, {@link #load}); these include the
 * path of the model's file, which must not be removed.
 *
 * <p>Not thread-safe while setters are called.
 *
 * @serial exclude
 */
public final class EnergyScorerModel extends Transformer implements DefaultParamsWritable {

  private static final long serialVersionUID = 1;

  private static final List<String> ENGINES =
      Arrays.stream(EngineChoice.values()).map(c -> c.name().toLowerCase(Locale.ROOT)).toList();

  private final String uid;
  private final Param<String> modelFile;
  private final Param<String> inputCol;
  private final Param<String> predictionCol;
  private final Param<String> probabilityCol;
  private final Param<String> calibratedCol;
  private final Param<String> logDensityCol;
  private final Param<String> scoreCol;
  private final Param<String> inDistributionCol;
  private final Param<String> errorCol;
  private final Param<String> handleInvalid;
  private final Param<String> score;
  private final DoubleParam threshold;
  private final IntParam batchSize;
  private final Param<String> engine;
  private final BooleanParam broadcast;

  private transient @Nullable SharedModel shared;
  private transient @Nullable SparkContext sharedBy;

  /** A scorer without a model file. */
  public EnergyScorerModel() {
    this(Identifiable.randomUID("energyScorer"));
  }

  /**
   * A scorer without a model file.
   *
   * @param uid a name that no other stage of a pipeline has
   */
  public EnergyScorerModel(String uid) {
    this.uid = uid;
    modelFile = new Param<>(uid, "modelFile", "the model: a path or URI of a Hadoop file system");
    inputCol = new Param<>(uid, "inputCol", "column of images: binary, image schema or array");
    predictionCol = column("predictionCol", "index of the most probable class");
    probabilityCol = column("probabilityCol", "p(y|x) for every class, not calibrated");
    calibratedCol = column("calibratedCol", "calibrated p(y|x) for every class, or null");
    logDensityCol = column("logDensityCol", "log p(x) up to a constant");
    scoreCol = column("scoreCol", "the out-of-distribution score");
    inDistributionCol = column("inDistributionCol", "whether the score reaches the threshold");
    errorCol = column("errorCol", "why an image could not be read, if handleInvalid is keep");
    handleInvalid =
        new Param<>(
            uid,
            "handleInvalid",
            "images that are null or cannot be read: error fails the job, keep produces nulls and"
                + " the reason, skip omits the row");
    score = new Param<>(uid, "score", "px, py, pxgrad, max_logit or entropy");
    threshold = new DoubleParam(uid, "threshold", "of the score, instead of the model's own");
    batchSize = new IntParam(uid, "batchSize", "images per pass of the network");
    engine = new Param<>(uid, "engine", "auto, onednn or graph");
    broadcast =
        new BooleanParam(
            uid, "broadcast", "the driver sends the model; if not, each executor reads its file");
    defaults();
  }

  private Param<String> column(String name, String doc) {
    return new Param<>(uid, name, "column to add, or empty for none:  " + doc);
  }

  private void defaults() {
    setDefault(inputCol, "image");
    setDefault(predictionCol, "prediction");
    setDefault(probabilityCol, "probability");
    setDefault(calibratedCol, "calibrated");
    setDefault(logDensityCol, "logDensity");
    setDefault(scoreCol, "score");
    setDefault(inDistributionCol, "inDistribution");
    setDefault(errorCol, "error");
    setDefault(handleInvalid, InvalidImages.ERROR.text());
    setDefault(score, OutOfDistributionScores.logDensity().name());
    setDefault(batchSize, 64);
    setDefault(engine, ENGINES.get(0));
    setDefault(broadcast, true);
  }

  /**
   * A scorer with a model.
   *
   * @param file a model that {@code EnergyModel.save} or Deeplearning4j wrote: a path or URI of a
   *     Hadoop file system
   * @return the scorer
   */
  public static EnergyScorerModel of(String file) {
    return new EnergyScorerModel().setModelFile(file);
  }

  /**
   * Loads a scorer saved with {@code write().save(path)}.
   *
   * @param path its path
   * @return the scorer
   */
  public static EnergyScorerModel load(String path) {
    return read().load(path);
  }

  /**
   * Reads scorers.
   *
   * @return the reader
   */
  public static MLReader<EnergyScorerModel> read() {
    return new DefaultParamsReader<>();
  }

  @Override
  public String uid() {
    return uid;
  }

  /**
   * The parameter {@code modelFile}.
   *
   * @return the parameter, for parameter maps
   */
  public Param<String> modelFile() {
    return modelFile;
  }

  /**
   * The value of {@code modelFile}.
   *
   * @return what was set
   * @throws IllegalArgumentException if nothing was
   */
  public String getModelFile() {
    checkArgument(isDefined(modelFile), "say which model scores: setModelFile(path)");
    return getOrDefault(modelFile);
  }

  /**
   * Sets {@code modelFile}.
   *
   * @param value a path or URI of a Hadoop file system; required
   * @return this
   */
  @CanIgnoreReturnValue
  public EnergyScorerModel setModelFile(String value) {
    set(modelFile, value);
    return this;
  }

  /**
   * The parameter {@code inputCol}.
   *
   * @return the parameter, for parameter maps
   */
  public Param<String> inputCol() {
    return inputCol;
  }

  /**
   * The value of {@code inputCol}.
   *
   * @return the value that was set, or the default
   */
  public String getInputCol() {
    return getOrDefault(inputCol);
  }

  /**
   * Sets {@code inputCol}.
   *
   * @param value the column of images; default {@code image}
   * @return this
   */
  @CanIgnoreReturnValue
  public EnergyScorerModel setInputCol(String value) {
    set(inputCol, value);
    return this;
  }

  /**
   * The parameter {@code predictionCol}.
   *
   * @return the parameter, for parameter maps
   */
  public Param<String> predictionCol() {
    return predictionCol;
  }

  /**
   * The value of {@code predictionCol}.
   *
   * @return the value that was set, or the default
   */
  public String getPredictionCol() {
    return getOrDefault(predictionCol);
  }

  /**
   * Sets {@code predictionCol}.
   *
   * @param value the column to add, or empty for none; default {@code prediction}
   * @return this
   */
  @CanIgnoreReturnValue
  public EnergyScorerModel setPredictionCol(String value) {
    set(predictionCol, value);
    return this;
  }

  /**
   * The parameter {@code probabilityCol}.
   *
   * @return the parameter, for parameter maps
   */
  public Param<String> probabilityCol() {
    return probabilityCol;
  }

  /**
   * The value of {@code probabilityCol}.
   *
   * @return the value that was set, or the default
   */
  public String getProbabilityCol() {
    return getOrDefault(probabilityCol);
  }

  /**
   * Sets {@code probabilityCol}.
   *
   * @param value the column to add, or empty for none; default {@code probability}
   * @return this
   */
  @CanIgnoreReturnValue
  public EnergyScorerModel setProbabilityCol(String value) {
    set(probabilityCol, value);
    return this;
  }

  /**
   * The parameter {@code calibratedCol}.
   *
   * @return the parameter, for parameter maps
   */
  public Param<String> calibratedCol() {
    return calibratedCol;
  }

  /**
   * The value of {@code calibratedCol}.
   *
   * @return the value that was set, or the default
   */
  public String getCalibratedCol() {
    return getOrDefault(calibratedCol);
  }

  /**
   * Sets {@code calibratedCol}.
   *
   * @param value the column to add, or empty for none; default {@code calibrated}
   * @return this
   */
  @CanIgnoreReturnValue
  public EnergyScorerModel setCalibratedCol(String value) {
    set(calibratedCol, value);
    return this;
  }

  /**
   * The parameter {@code logDensityCol}.
   *
   * @return the parameter, for parameter maps
   */
  public Param<String> logDensityCol() {
    return logDensityCol;
  }

  /**
   * The value of {@code logDensityCol}.
   *
   * @return the value that was set, or the default
   */
  public String getLogDensityCol() {
    return getOrDefault(logDensityCol);
  }

  /**
   * Sets {@code logDensityCol}.
   *
   * @param value the column to add, or empty for none; default {@code logDensity}
   * @return this
   */
  @CanIgnoreReturnValue
  public EnergyScorerModel setLogDensityCol(String value) {
    set(logDensityCol, value);
    return this;
  }

  /**
   * The parameter {@code scoreCol}.
   *
   * @return the parameter, for parameter maps
   */
  public Param<String> scoreCol() {
    return scoreCol;
  }

  /**
   * The value of {@code scoreCol}.
   *
   * @return the value that was set, or the default
   */
  public String getScoreCol() {
    return getOrDefault(scoreCol);
  }

  /**
   * Sets {@code scoreCol}.
   *
   * @param value the column to add, or empty for none; default {@code score}
   * @return this
   */
  @CanIgnoreReturnValue
  public EnergyScorerModel setScoreCol(String value) {
    set(scoreCol, value);
    return this;
  }

  /**
   * The parameter {@code inDistributionCol}.
   *
   * @return the parameter, for parameter maps
   */
  public Param<String> inDistributionCol() {
    return inDistributionCol;
  }

  /**
   * The value of {@code inDistributionCol}.
   *
   * @return the value that was set, or the default
   */
  public String getInDistributionCol() {
    return getOrDefault(inDistributionCol);
  }

  /**
   * Sets {@code inDistributionCol}.
   *
   * @param value the column to add, or empty for none; default {@code inDistribution}
   * @return this
   */
  @CanIgnoreReturnValue
  public EnergyScorerModel setInDistributionCol(String value) {
    set(inDistributionCol, value);
    return this;
  }

  /**
   * The parameter {@code errorCol}.
   *
   * @return the parameter, for parameter maps
   */
  public Param<String> errorCol() {
    return errorCol;
  }

  /**
   * The value of {@code errorCol}.
   *
   * @return the value that was set, or the default
   */
  public String getErrorCol() {
    return getOrDefault(errorCol);
  }

  /**
   * Sets {@code errorCol}.
   *
   * @param value the column to add if {@code handleInvalid} is {@code keep}, or empty for none;
   *     default {@code error}
   * @return this
   */
  @CanIgnoreReturnValue
  public EnergyScorerModel setErrorCol(String value) {
    set(errorCol, value);
    return this;
  }

  /**
   * The parameter {@code handleInvalid}.
   *
   * @return the parameter, for parameter maps
   */
  public Param<String> handleInvalid() {
    return handleInvalid;
  }

  /**
   * The value of {@code handleInvalid}.
   *
   * @return the value that was set, or the default
   */
  public String getHandleInvalid() {
    return getOrDefault(handleInvalid);
  }

  /**
   * Sets {@code handleInvalid}.
   *
   * @param value the treatment of rows whose image is null or cannot be read: {@code error} fails
   *     the job, {@code keep} produces nulls and the reason, {@code skip} omits the row; default
   *     {@code error}
   * @return this
   * @throws IllegalArgumentException if it is none of these
   */
  @CanIgnoreReturnValue
  public EnergyScorerModel setHandleInvalid(String value) {
    InvalidImages unused = InvalidImages.of(value);
    set(handleInvalid, value);
    return this;
  }

  /**
   * The parameter {@code score}.
   *
   * @return the parameter, for parameter maps
   */
  public Param<String> score() {
    return score;
  }

  /**
   * The value of {@code score}.
   *
   * @return the value that was set, or the default
   */
  public String getScore() {
    return getOrDefault(score);
  }

  /**
   * Sets {@code score}.
   *
   * @param value an out-of-distribution score without settings, {@code px}, {@code py}, {@code
   *     pxgrad}, {@code max_logit} or {@code entropy}; default {@code px}, log p(x)
   * @return this
   * @throws IllegalArgumentException if it is none of these
   */
  @CanIgnoreReturnValue
  public EnergyScorerModel setScore(String value) {
    OutOfDistributionScore unused = OutOfDistributionScores.named(value);
    set(score, value);
    return this;
  }

  /**
   * The parameter {@code threshold}.
   *
   * @return the parameter, for parameter maps
   */
  public DoubleParam threshold() {
    return threshold;
  }

  /**
   * The value of {@code threshold}.
   *
   * @return what was set
   * @throws java.util.NoSuchElementException if nothing was: the model's own is used
   */
  public double getThreshold() {
    return (Double) getOrDefault(threshold);
  }

  /**
   * Sets {@code threshold}.
   *
   * @param value the threshold between in and out of distribution for the score; default the
   *     model's own, if it has one
   * @return this
   * @throws IllegalArgumentException if it is not finite
   */
  @CanIgnoreReturnValue
  public EnergyScorerModel setThreshold(double value) {
    checkArgument(Double.isFinite(value), "threshold must be a finite number, was %s", value);
    set(threshold, value);
    return this;
  }

  /**
   * The parameter {@code batchSize}.
   *
   * @return the parameter, for parameter maps
   */
  public IntParam batchSize() {
    return batchSize;
  }

  /**
   * The value of {@code batchSize}.
   *
   * @return the value that was set, or the default
   */
  public int getBatchSize() {
    return (Integer) getOrDefault(batchSize);
  }

  /**
   * Sets {@code batchSize}.
   *
   * @param value images per pass of the network, at least 1; default 64
   * @return this
   * @throws IllegalArgumentException if it is below 1
   */
  @CanIgnoreReturnValue
  public EnergyScorerModel setBatchSize(int value) {
    checkArgument(value > 0, "batchSize must be at least 1, was %s", value);
    set(batchSize, value);
    return this;
  }

  /**
   * The parameter {@code engine}.
   *
   * @return the parameter, for parameter maps
   */
  public Param<String> engine() {
    return engine;
  }

  /**
   * The value of {@code engine}.
   *
   * @return the value that was set, or the default
   */
  public String getEngine() {
    return getOrDefault(engine);
  }

  /**
   * Sets {@code engine}.
   *
   * @param value {@code auto}, {@code onednn} or {@code graph}; default {@code auto}: on all
   *     executors the driver's engine
   * @return this
   * @throws IllegalArgumentException if it is none of these
   */
  @CanIgnoreReturnValue
  public EnergyScorerModel setEngine(String value) {
    checkArgument(ENGINES.contains(value), "engine must be one of %s, was '%s'", ENGINES, value);
    set(engine, value);
    return this;
  }

  /**
   * The parameter {@code broadcast}.
   *
   * @return the parameter, for parameter maps
   */
  public BooleanParam broadcast() {
    return broadcast;
  }

  /**
   * The value of {@code broadcast}.
   *
   * @return the value that was set, or the default
   */
  public boolean getBroadcast() {
    return (Boolean) getOrDefault(broadcast);
  }

  /**
   * Sets {@code broadcast}.
   *
   * @param value whether the driver sends the model's bytes to the executors; otherwise each reads
   *     its file, which must be the same; default true
   * @return this
   */
  @CanIgnoreReturnValue
  public EnergyScorerModel setBroadcast(boolean value) {
    set(broadcast, value);
    return this;
  }

  @Override
  public StructType transformSchema(StructType schema) {
    ImageColumn unused = ImageColumn.of(schema, getInputCol());
    return output().addTo(schema);
  }

  private OutputColumns output() {
    return new OutputColumns(
        List.of(
            new Column(getPredictionCol(), Content.PREDICTION),
            new Column(getProbabilityCol(), Content.PROBABILITY),
            new Column(getCalibratedCol(), Content.CALIBRATED),
            new Column(getLogDensityCol(), Content.LOG_DENSITY),
            new Column(getScoreCol(), Content.SCORE),
            new Column(getInDistributionCol(), Content.IN_DISTRIBUTION),
            new Column(
                InvalidImages.of(getHandleInvalid()) == InvalidImages.KEEP ? getErrorCol() : "",
                Content.ERROR)));
  }

  /**
   * Adds the columns. The model's file is read and opened once, on the driver; images are scored
   * when Spark needs the rows.
   *
   * @param dataset a table or a stream with the input column
   * @return the same rows with more columns
   * @throws IllegalArgumentException if the input column is absent or cannot hold images, a column
   *     to add already exists, a parameter has an invalid value, or no model file was given
   * @throws UncheckedIOException if the model's file cannot be read
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = transformSchema(dataset.schema());
    OutOfDistributionScore named = OutOfDistributionScores.named(getScore());
    PartitionScorer scorer =
        new PartitionScorer(
            share(dataset.sparkSession().sparkContext()),
            ImageColumn.of(dataset.schema(), getInputCol()),
            output(),
            InvalidImages.of(getHandleInvalid()),
            getBatchSize(),
            named.name(),
            isDefined(threshold) ? OptionalDouble.of(getThreshold()) : OptionalDouble.empty());
    return dataset.toDF().mapPartitions(scorer, Encoders.row(schema));
  }

  /** Sends the model once for all calls, such as those for each batch of a stream. */
  private SharedModel share(SparkContext context) {
    EngineChoice choice = EngineChoice.valueOf(getEngine().toUpperCase(Locale.ROOT));
    try {
      SharedModel known = shared;
      if (known == null
          || context != sharedBy
          || !known.isStill(context, getModelFile(), choice, getBroadcast())) {
        known = SharedModel.of(context, getModelFile(), choice, getBroadcast());
        shared = known;
        sharedBy = context;
      }
      return known;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot read the model " + getModelFile() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public EnergyScorerModel copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  @Override
  public String toString() {
    return "EnergyScorerModel[" + uid + "]";
  }
}
