package org.udge;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.ImageCheck;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.engine.Engine;
import org.udge.engine.EngineSettings;
import org.udge.engine.Logits;
import org.udge.engine.LogitsConfiguration;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.internal.HostImages;
import org.udge.network.Architecture;
import org.udge.random.RandomStreams;

/**
 * A classifier interpreted as an energy-based model.
 *
 * <p>The logits f(x) of any classifier define E(x, y) = -f(x)[y] and E(x) = -logsumexp_y f(x)[y].
 * Low energy means high density: log p(x) = -E(x) - log Z with an unknown constant Z (Grathwohl et
 * al. 2020, equations 3 to 6). All methods run the network in evaluation mode (running statistics,
 * no dropout) unless {@link #inMode} selects another one.
 *
 * <pre>{@code
 * EnergyModel model = EnergyModel.builder(WideResNet.of(10, 1)).classes(10).build();
 * Predictions predictions = model.predict(images);   // [N, 3, 32, 32] in [-1, 1]
 * double[] logDensity = model.logDensity(images);    // unnormalized log p(x)
 * }</pre>
 *
 * <p>The Deeplearning4j graph owns the parameters. Code that changes them directly must call {@link
 * #parametersChanged()}.
 *
 * <p>A model that was built or loaded owns its engine and closes it; views of it ({@link
 * #withCalibration}, {@link #inMode}, ...) share the engine and never close it.
 *
 * <p>Thread-safe as long as no thread changes parameters. Returned arrays are new and belong to the
 * caller.
 */
public final class EnergyModel implements Classifier, AutoCloseable {

  /**
   * The largest number of images computed at once; larger inputs are split into pieces of this
   * size.
   */
  static final int LARGEST_PIECE = 128;

  private final ComputationGraph graph;
  private final Engine engine;
  private final boolean ownsEngine;
  private final ModelTraits traits;
  private final ImageCheck imageCheck;
  private final Mode mode;

  private EnergyModel(
      ComputationGraph graph,
      Engine engine,
      boolean ownsEngine,
      ModelTraits traits,
      ImageCheck imageCheck,
      Mode mode) {
    this.graph = graph;
    this.engine = engine;
    this.ownsEngine = ownsEngine;
    this.traits = traits;
    this.imageCheck = imageCheck;
    this.mode = mode;
  }

  /** Returns a model that shares the graph and engine with this one and closes neither. */
  private EnergyModel view(ModelTraits other) {
    return new EnergyModel(graph, engine, false, other, imageCheck, mode);
  }

  /**
   * Wraps an existing classifier as an energy model. The graph is used, not copied.
   *
   * @param graph an initialized graph with one input and one output layer with softmax or identity
   *     activation
   * @return a model with the default engine
   * @throws IllegalArgumentException if the graph is not such a classifier
   * @throws IllegalStateException if there is no ND4J backend
   */
  public static EnergyModel of(ComputationGraph graph) {
    return builder(graph).build();
  }

  /**
   * Wraps an existing classifier as an energy model. Its parameters are copied.
   *
   * @param network an initialized network that ends in an output layer with softmax or identity
   *     activation
   * @return a model with the default engine
   * @throws IllegalArgumentException if the network is not such a classifier
   * @throws IllegalStateException if there is no ND4J backend
   */
  public static EnergyModel of(MultiLayerNetwork network) {
    return builder(network).build();
  }

  /**
   * Returns a builder of a model of an architecture, with freshly initialized parameters.
   *
   * @param architecture the architecture, for example {@code WideResNet.of(28, 10)}
   * @return a builder
   */
  public static Builder builder(Architecture architecture) {
    return new Builder(requireNonNull(architecture), null);
  }

  /**
   * Returns a builder of a model of an existing classifier.
   *
   * @param graph an initialized graph; used, not copied, unless it ends in a {@code
   *     CenterLossOutputLayer}, in which case a copy without centers is used
   * @return a builder
   */
  public static Builder builder(ComputationGraph graph) {
    return new Builder(null, requireNonNull(graph));
  }

  /**
   * Returns a builder of a model of an existing classifier.
   *
   * @param network an initialized network; its parameters are copied
   * @return a builder; specify the shape of the images if the model is to be trained
   */
  public static Builder builder(MultiLayerNetwork network) {
    return new Builder(null, network.toComputationGraph());
  }

  /**
   * Reads a model written by {@link #save} or by Deeplearning4j, with the default engine. The file
   * may come from an untrusted source: see {@link ModelLoader}.
   *
   * @param file the model file
   * @return the model
   * @throws IOException if the file is absent, damaged, not a model, of a newer format or not to be
   *     trusted; the message states which
   */
  public static EnergyModel load(Path file) throws IOException {
    return loader().load(file);
  }

  /**
   * Reads a model written by {@link #save} or by Deeplearning4j.
   *
   * @param file the model file
   * @param engine the engine that runs the model, its precision and its number of threads
   * @return the model
   * @throws IOException if the file is absent, damaged, not a model, of a newer format or not to be
   *     trusted; the message states which
   */
  public static EnergyModel load(Path file, EngineSettings engine) throws IOException {
    return loader().engine(engine).load(file);
  }

  /**
   * Returns a loader for models that need more than {@link #load(Path)} offers, such as custom
   * layers.
   *
   * @return a loader
   */
  public static ModelLoader loader() {
    return new ModelLoader();
  }

  /**
   * Writes the model to a zip file that Deeplearning4j's {@code ModelSerializer} can read too:
   * graph, parameters, class names, calibration and provenance. The file appears under its name
   * only once it is complete.
   *
   * @param file the file to write; replaced if it exists
   * @throws IOException if the file cannot be written
   */
  public void save(Path file) throws IOException {
    ModelFile.write(this, file);
  }

  /**
   * Returns the Deeplearning4j graph that owns the parameters.
   *
   * @return the graph itself
   */
  public ComputationGraph graph() {
    return graph;
  }

  /**
   * Returns the engine that runs the network.
   *
   * @return the engine; closed together with the model that was built or loaded
   */
  public Engine engine() {
    return engine;
  }

  @Override
  public ImageShape shape() {
    return traits
        .shape()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "the shape of this model's images is not known: build it with"
                        + " EnergyModel.builder(graph).shape(...)"));
  }

  /** Returns the shape of the images, if it is known. */
  Optional<ImageShape> knownShape() {
    return traits.shape();
  }

  @Override
  public List<String> classNames() {
    return traits.classNames();
  }

  @Override
  public Optional<Calibration> calibration() {
    return traits.calibration();
  }

  /**
   * Returns a model with the same network and engine and calibrated probabilities. Energies do not
   * change; prediction sets, which were fitted to the previous probabilities, are dropped.
   *
   * @param fitted the calibration
   * @return a model that shares the graph and engine with this one, which alone closes them
   * @throws IllegalArgumentException if the calibration is for another number of classes
   */
  public EnergyModel withCalibration(Calibration fitted) {
    checkArgument(
        fitted.classes() == classCount(),
        "calibration is for %s classes, the model has %s",
        fitted.classes(),
        classCount());
    return view(traits.withCalibration(fitted));
  }

  @Override
  public Optional<PredictionSets> predictionSets() {
    return traits.predictionSets();
  }

  /**
   * Returns a model with the same network and engine and conformal prediction sets, which are saved
   * with the model.
   *
   * @param sets prediction sets fitted on this model's calibrated probabilities
   * @return a model that shares the graph and engine with this one, which alone closes them
   * @throws IllegalArgumentException if they are for another number of classes
   */
  public EnergyModel withPredictionSets(PredictionSets sets) {
    sets.checkClasses(classCount());
    return view(traits.withPredictionSets(sets));
  }

  @Override
  public Optional<Threshold> threshold(String score) {
    return Optional.ofNullable(traits.thresholds().get(score));
  }

  /**
   * Returns all out-of-distribution thresholds stored in the model.
   *
   * @return one per score that has one
   */
  public List<Threshold> thresholds() {
    return List.copyOf(traits.thresholds().values());
  }

  /**
   * Returns a model with the same network and engine and an out-of-distribution threshold, which is
   * saved with the model. There is one per score; an earlier one of the same score is replaced.
   *
   * @param line the threshold, for example from {@code OutOfDistributionScore.threshold}
   * @return a model that shares the graph and engine with this one, which alone closes them
   */
  public EnergyModel withThreshold(Threshold line) {
    return view(traits.withThreshold(line));
  }

  @Override
  public Optional<PixelRange> pixelRange() {
    return traits.pixelRange();
  }

  /**
   * Returns a model with the same network and engine that refuses images out of {@linkplain
   * #pixelRange() range}, where other models warn once.
   *
   * @return a model that shares the graph and engine with this one, which alone closes them
   */
  public EnergyModel refusingOutOfRange() {
    return new EnergyModel(graph, engine, false, traits, imageCheck.refusing(), mode);
  }

  /**
   * Returns the mode of the layers that behave differently in training and in use.
   *
   * @return {@link Mode#EVALUATION}, unless {@link #inMode} selected another
   */
  public Mode mode() {
    return mode;
  }

  /**
   * Returns a model with the same network and engine in another mode, for comparison with programs
   * that evaluate a network in training mode.
   *
   * <p>In {@link Mode#TRAINING} the logits of an image depend on the other images of its batch:
   * batch normalization uses the statistics of each batch (inputs above 128 images are split into
   * pieces of that size) and does not update its running averages. Dropout draws the same masks for
   * every batch. The mode is not saved; samplers and trainers, which run the engine themselves,
   * ignore it.
   *
   * @param other the mode; default {@link Mode#EVALUATION}
   * @return a model that shares the graph and engine with this one, which alone closes them
   */
  public EnergyModel inMode(Mode other) {
    return new EnergyModel(graph, engine, false, traits, imageCheck, requireNonNull(other));
  }

  /**
   * Returns a model with the same network run by another engine, for example one of lower
   * precision, or one that counts or times the passes of this one.
   *
   * @param other an engine for this model's graph; the caller keeps ownership and closes it
   * @return a model that shares the graph with this one
   */
  public EnergyModel withEngine(Engine other) {
    return new EnergyModel(graph, requireNonNull(other), false, traits, imageCheck, mode);
  }

  /**
   * Signals that parameters of the graph were changed by something other than this library's
   * trainer.
   */
  public void parametersChanged() {
    engine.parametersChanged();
  }

  @Override
  public Logits logits(INDArray images) {
    INDArray checked = imageCheck.check(images);
    List<Logits> pieces = new ArrayList<>();
    for (Piece piece : pieces(checked)) {
      try (Pass pass = engine.forward(piece.images, mode)) {
        pieces.add(Logits.of(pass.logits()));
      }
    }
    return Logits.concatenate(pieces);
  }

  /**
   * Computes E(x, y) = -f(x)[y], which is -log p(x, y) up to an additive constant.
   *
   * @param images [N, C, H, W], or [N, F] for tables
   * @param labels N class indices
   * @return N energies
   * @throws IllegalArgumentException if the shape, the type or a label is wrong or a number is not
   *     finite
   */
  public double[] energy(INDArray images, int... labels) {
    checkLabels(images, labels);
    Logits logits = logits(images);
    return IntStream.range(0, labels.length).mapToDouble(i -> -logits.get(i, labels[i])).toArray();
  }

  /**
   * Computes the gradient dE(x)/dx for every image.
   *
   * @param images [N, C, H, W], or [N, F] for tables
   * @return a new array of the images' shape
   * @throws IllegalArgumentException if the shape or the type is wrong or a number is not finite
   */
  public INDArray energyGradient(INDArray images) {
    return inputGradient(
        images,
        (logits, first) -> {
          double[][] gradient = new double[logits.rows()][];
          for (int i = 0; i < gradient.length; i++) {
            gradient[i] = logits.probabilities(i);
            for (int c = 0; c < logits.classes(); c++) {
              gradient[i][c] = -gradient[i][c];
            }
          }
          return gradient;
        });
  }

  /**
   * Computes the gradient dE(x, y)/dx for every image.
   *
   * @param images [N, C, H, W], or [N, F] for tables
   * @param labels N class indices
   * @return a new array of the images' shape
   * @throws IllegalArgumentException if the shape, the type or a label is wrong or a number is not
   *     finite
   */
  public INDArray energyGradient(INDArray images, int... labels) {
    checkLabels(images, labels);
    return inputGradient(
        images,
        (logits, first) -> {
          double[][] gradient = new double[logits.rows()][logits.classes()];
          for (int i = 0; i < gradient.length; i++) {
            gradient[i][labels[first + i]] = -1;
          }
          return gradient;
        });
  }

  /**
   * Computes the gradient with respect to the images of any function of the logits, summed over
   * images.
   *
   * @param images [N, C, H, W], or [N, F] for tables
   * @param function the gradient with respect to the logits
   * @return a new array of the images' shape
   * @throws IllegalArgumentException if the shape or the type is wrong or a number is not finite
   */
  public INDArray inputGradient(INDArray images, LogitGradient function) {
    INDArray checked = imageCheck.check(images);
    INDArray result = Nd4j.createUninitialized(DataType.FLOAT, checked.shape());
    for (Piece piece : pieces(checked)) {
      try (Pass pass = engine.forward(piece.images, mode)) {
        Logits logits = Logits.of(pass.logits());
        INDArray logitGradient = Logits.of(function.gradient(logits, piece.first)).toArray();
        piece.of(result).assign(pass.inputGradient(logitGradient));
      }
    }
    return result.reshape(images.shape());
  }

  /** The gradient of a scalar with respect to logits. */
  @FunctionalInterface
  public interface LogitGradient {

    /**
     * Computes the gradient for consecutive images of an input.
     *
     * @param logits the logits of some of the images
     * @param first the index of the first of them within the input
     * @return the gradient, [rows][classes]
     */
    double[][] gradient(Logits logits, int first);
  }

  /**
   * Releases the engine if this model was built or loaded; views of another model ({@link
   * #withCalibration}, {@link #inMode} and so on) release nothing. The graph stays usable. Any
   * later use of the model, a view of it or its engine, on any thread, throws an {@link
   * IllegalStateException}. Closing again has no effect.
   */
  @Override
  public void close() {
    if (ownsEngine) {
      engine.close();
    }
  }

  private record Piece(INDArray images, int first, int end) {
    INDArray of(INDArray whole) {
      return HostImages.slice(whole, first, end);
    }
  }

  private static List<Piece> pieces(INDArray images) {
    int count = (int) images.size(0);
    if (count <= LARGEST_PIECE) {
      return List.of(new Piece(images, 0, count));
    }
    List<Piece> pieces = new ArrayList<>();
    for (int first = 0; first < count; first += LARGEST_PIECE) {
      Piece range = new Piece(images, first, Math.min(count, first + LARGEST_PIECE));
      pieces.add(new Piece(range.of(images), range.first, range.end));
    }
    return pieces;
  }

  private void checkLabels(INDArray images, int... labels) {
    checkArgument(
        images.size(0) == labels.length,
        "there must be a label for each image: %s images, %s labels",
        images.size(0),
        labels.length);
    for (int label : labels) {
      checkArgument(
          label >= 0 && label < classCount(),
          "labels must be 0 to %s, one was %s",
          classCount() - 1,
          label);
    }
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "EnergyModel[%s classes, %s parameters, engine %s]",
        classCount(),
        graph.numParams(),
        engine.name());
  }

  /** Builds models. Not thread-safe. */
  public static final class Builder {
    private final @Nullable Architecture architecture;
    private final @Nullable ComputationGraph graph;
    private Optional<ImageShape> shape = Optional.empty();
    private List<String> classNames = List.of();
    private Optional<Calibration> calibration = Optional.empty();
    private Optional<PredictionSets> predictionSets = Optional.empty();
    private final List<Threshold> thresholds = new ArrayList<>();
    private Optional<PixelRange> pixelRange = Optional.empty();
    private boolean refusing;
    private long seed = 1;
    private EngineSettings engine = EngineSettings.ofDefaults();

    private Builder(@Nullable Architecture architecture, @Nullable ComputationGraph graph) {
      this.architecture = architecture;
      this.graph = graph;
      if (architecture != null) {
        shape = Optional.of(ImageShape.CIFAR);
        pixelRange = Optional.of(PixelRange.SIGNED);
      }
    }

    /**
     * Sets the shape of the images.
     *
     * @param value the shape; default for architectures: 3 x 32 x 32; for graphs: any size with the
     *     number of channels that the first layer expects
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder shape(ImageShape value) {
      shape = Optional.of(value);
      return this;
    }

    /**
     * Sets the number of features: images are rows of a table, [N, F], whose numbers may have any
     * range.
     *
     * @param count the number of features F, at least 1
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder features(int count) {
      shape = Optional.of(ImageShape.ofFeatures(count));
      pixelRange = Optional.empty();
      return this;
    }

    /**
     * Sets the range of pixel values. Images far outside it are probably in other units; they are
     * computed with a single warning, or refused after {@link #refuseOutOfRange()}.
     *
     * @param range the range; default for architectures: [-1, 1], unless {@link #features} was
     *     called; for graphs: unknown, without a warning
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder pixelRange(PixelRange range) {
      pixelRange = Optional.of(range);
      return this;
    }

    /**
     * Makes the model refuse images out of range with an {@link IllegalArgumentException}.
     *
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder refuseOutOfRange() {
      refusing = true;
      return this;
    }

    /**
     * Sets the number of classes, which are named "0", "1", ...
     *
     * @param count the number of classes, at least 1; required for architectures unless class names
     *     are given
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder classes(int count) {
      checkArgument(count > 0, "classes must be at least 1, was %s", count);
      return classNames(IntStream.range(0, count).mapToObj(Integer::toString).toList());
    }

    /**
     * Sets the names of the classes, and thereby their number.
     *
     * @param names the names in the order of the logits
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder classNames(List<String> names) {
      checkArgument(!names.isEmpty(), "there must be at least one class name");
      classNames = List.copyOf(names);
      return this;
    }

    /**
     * Sets the seed of the initial parameters.
     *
     * @param value any number; default 1; has no effect on existing graphs
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Sets the engine that runs the network, its precision and its number of threads.
     *
     * @param settings the settings; default {@link EngineSettings#ofDefaults()}
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder engine(EngineSettings settings) {
      engine = requireNonNull(settings);
      return this;
    }

    /**
     * Sets the calibration of probabilities.
     *
     * @param value the calibration; default: none
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder calibration(Calibration value) {
      calibration = Optional.of(value);
      return this;
    }

    /**
     * Sets the conformal prediction sets of the calibrated probabilities.
     *
     * @param sets the prediction sets; default: none
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder predictionSets(PredictionSets sets) {
      predictionSets = Optional.of(sets);
      return this;
    }

    /**
     * Sets an out-of-distribution threshold.
     *
     * @param line the threshold, one per score; default: none
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder threshold(Threshold line) {
      thresholds.add(requireNonNull(line));
      return this;
    }

    /**
     * Builds the model.
     *
     * @return the model; close it to release its engine
     * @throws IllegalArgumentException if the graph is not a classifier, or its number of classes
     *     differs from the number of names
     * @throws IllegalStateException if there is no ND4J backend, or no number of classes was given
     */
    public EnergyModel build() {
      Backend.require();
      ComputationGraph built = graph == null ? null : GraphInspection.classifier(graph);
      if (built == null) {
        checkState(
            !classNames.isEmpty(), "the number of classes is not known: set it with classes(n)");
        built =
            requireNonNull(architecture)
                .initialize(
                    shape.orElseThrow(), classNames.size(), RandomStreams.of(seed).child("init"));
      }
      GraphInspection.requireFloat32(built);
      // Reports at once what cannot be run.
      ComputationGraphConfiguration unused = LogitsConfiguration.of(built.getConfiguration());
      if (shape.isEmpty()) {
        shape = GraphInspection.shape(built);
      }
      int logits = GraphInspection.classes(built);
      if (classNames.isEmpty()) {
        classes(logits);
      }
      checkArgument(
          classNames.size() == logits,
          "the network has %s classes, but %s were named",
          logits,
          classNames.size());
      calibration.ifPresent(
          c ->
              checkArgument(
                  c.classes() == logits,
                  "calibration is for %s classes, the network has %s",
                  c.classes(),
                  logits));
      PredictionSets.check(predictionSets, logits);
      ModelTraits traits =
          new ModelTraits(shape, classNames, calibration, predictionSets, Map.of(), pixelRange);
      for (Threshold line : thresholds) {
        traits = traits.withThreshold(line);
      }
      ImageCheck check = check(built);
      Engine chosen = Engines.create(built, engine, shape);
      return new EnergyModel(built, chosen, true, traits, check, Mode.EVALUATION);
    }

    private ImageCheck check(ComputationGraph built) {
      ImageCheck check =
          shape
              .map(ImageCheck::of)
              .orElseGet(() -> ImageCheck.ofChannels(GraphInspection.channels(built)));
      check = pixelRange.map(check::withRange).orElse(check);
      return refusing ? check.refusing() : check;
    }
  }
}
