package org.udge;

import static org.udge.internal.Preconditions.checkArgument;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.databind.JsonMappingException;
import org.udge.ConfigurationReader.Network;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.engine.EngineSettings;
import org.udge.internal.Texts;
import org.udge.internal.ZipArchive;
import org.udge.internal.ZipArchive.Entry;
import org.udge.state.AtomicFiles;

/**
 * The file format of models: a zip file as Deeplearning4j's {@code ModelSerializer} writes it, with
 * {@code configuration.json} and {@code coefficients.bin}, plus one more entry, {@code
 * udge-model.json}.
 *
 * <p>Only these three entries are read, each once: the updater state is not needed, and
 * preprocessors and normalizers are serialized objects, which could run arbitrary code.
 */
final class ModelFile {

  /** The format version; raise it when older readers could misinterpret newer files. */
  static final int FORMAT = 2;

  /**
   * The version of models without a confidence curve, which older readers would mistake for no
   * calibration.
   */
  private static final int PLAIN_FORMAT = 1;

  private static final String ENTRY = "udge-model.json";
  private static final String CONFIGURATION = "configuration.json";
  private static final String PARAMETERS = "coefficients.bin";

  private static final int MAX_TEXT = 1 << 24;
  private static final int MAX_DESCRIPTION = 1 << 23;

  /** The configuration of a network with many equal layers compresses well. */
  private static final int MAX_TEXT_EXPANSION = 30;

  private static final long TEXT_FLOOR = 1 << 21;

  /** Trained parameters hardly compress. */
  private static final int MAX_EXPANSION = 60;

  private static final long FLOOR = 1 << 25;

  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(20).build())
                  .build())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** A threshold; a false-alarm rate below 0 represents an unknown one. */
  private record Line(
      @JsonProperty("score") String score,
      @JsonProperty("value") double value,
      @JsonProperty("falseAlarmRate") double falseAlarmRate,
      @JsonProperty("images") long images) {

    static Line of(Threshold threshold) {
      return new Line(
          threshold.score(),
          threshold.value(),
          threshold.falseAlarmRate().orElse(-1),
          threshold.images());
    }

    Threshold threshold() {
      OptionalDouble rate =
          falseAlarmRate < 0 ? OptionalDouble.empty() : OptionalDouble.of(falseAlarmRate);
      return new Threshold(score, value, rate, images);
    }
  }

  private record Description(
      @JsonProperty("format") int format,
      @JsonProperty("shape") int[] shape,
      @JsonProperty("classNames") List<String> classNames,
      @JsonProperty("calibrationScale") double[] calibrationScale,
      @JsonProperty("calibrationBias") double[] calibrationBias,
      @JsonProperty("calibrationConfidences") double[] calibrationConfidences,
      @JsonProperty("calibrationAccuracies") double[] calibrationAccuracies,
      @JsonProperty("calibrationLogOdds") double[] calibrationLogOdds,
      @JsonProperty("predictionSets") @Nullable Sets predictionSets,
      @JsonProperty("pixelRange") double[] pixelRange,
      @JsonProperty("thresholds") List<Line> thresholds,
      @JsonProperty("provenance") Map<String, String> provenance) {

    private Optional<ConfidenceCurve> curve() {
      if (calibrationLogOdds != null && calibrationLogOdds.length > 0) {
        checkArgument(
            calibrationLogOdds.length == 2, "its curve of confidence must be two numbers");
        return Optional.of(ConfidenceCurve.ofLogOdds(calibrationLogOdds[0], calibrationLogOdds[1]));
      }
      return calibrationConfidences == null
              || calibrationAccuracies == null
              || calibrationConfidences.length == 0
          ? Optional.empty()
          : Optional.of(ConfidenceCurve.ofPoints(calibrationConfidences, calibrationAccuracies));
    }

    void apply(EnergyModel.Builder builder) {
      builder.classNames(classNames);
      if (shape.length == 3) {
        builder.shape(new ImageShape(shape[0], shape[1], shape[2]));
      }
      if (calibrationScale != null && calibrationScale.length > 0) {
        checkArgument(calibrationBias != null, "its calibration has no bias");
        Calibration calibration = Calibration.vector(calibrationScale, calibrationBias);
        builder.calibration(curve().map(calibration::withCurve).orElse(calibration));
      }
      if (predictionSets != null) {
        builder.predictionSets(predictionSets.sets());
      }
      if (pixelRange != null && pixelRange.length > 0) {
        checkArgument(pixelRange.length == 2, "its range of pixels must be two numbers");
        builder.pixelRange(new PixelRange(pixelRange[0], pixelRange[1]));
      }
      if (thresholds != null) {
        for (Line line : thresholds) {
          checkArgument(line != null && line.score != null, "a threshold names no score");
          builder.threshold(line.threshold());
        }
      }
    }
  }

  /** Conformal sets; infinite thresholds are strings, because JSON has no such numbers. */
  private record Sets(
      @JsonProperty("method") PredictionSets.Method method,
      @JsonProperty("coverage") double coverage,
      @JsonProperty("penalty") double penalty,
      @JsonProperty("free") int free,
      @JsonProperty("thresholds") double[] thresholds) {

    static Sets of(PredictionSets sets) {
      return new Sets(
          sets.method(), sets.coverage(), sets.penalty(), sets.free(), sets.thresholds());
    }

    PredictionSets sets() {
      checkArgument(
          method != null && thresholds != null, "its prediction sets name no method or threshold");
      return PredictionSets.of(method, coverage, penalty, free, thresholds);
    }
  }

  private ModelFile() {}

  static void write(EnergyModel model, Path file) throws IOException {
    byte[] description = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(describe(model));
    ComputationGraph graph = model.graph();
    AtomicFiles.write(
        file,
        temporary -> {
          write(graph, description, temporary, Deflater.DEFAULT_COMPRESSION);
          if (isBomb(temporary)) {
            write(graph, description, temporary, Deflater.NO_COMPRESSION);
          }
        });
  }

  /**
   * Returns whether {@link #read} would refuse a file because it is much smaller than its content.
   */
  private static boolean isBomb(Path file) throws IOException {
    try (ZipArchive zip = ZipArchive.open(file)) {
      return zip.expandsBeyond(List.of(require(zip, CONFIGURATION)), MAX_TEXT_EXPANSION, TEXT_FLOOR)
          || zip.expandsBeyond(List.of(require(zip, PARAMETERS)), MAX_EXPANSION, FLOOR);
    }
  }

  private static void write(ComputationGraph graph, byte[] description, Path file, int level)
      throws IOException {
    try (ZipOutputStream zip =
        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      zip.setLevel(level);
      zip.putNextEntry(new ZipEntry(CONFIGURATION));
      zip.write(graph.getConfiguration().toJson().getBytes(StandardCharsets.UTF_8));
      zip.putNextEntry(new ZipEntry(PARAMETERS));
      DataOutputStream parameters = new DataOutputStream(new BufferedOutputStream(zip));
      Nd4j.write(graph.params(), parameters);
      parameters.flush();
      zip.putNextEntry(new ZipEntry(ENTRY));
      zip.write(description);
    }
  }

  private static Description describe(EnergyModel model) {
    Optional<ConfidenceCurve> curve = model.calibration().flatMap(Calibration::curve);
    return new Description(
        curve.isPresent() ? FORMAT : PLAIN_FORMAT,
        model
            .knownShape()
            .map(s -> new int[] {s.channels(), s.height(), s.width()})
            .orElse(new int[0]),
        model.classNames(),
        model.calibration().map(Calibration::scale).orElse(new double[0]),
        model.calibration().map(Calibration::bias).orElse(new double[0]),
        curve.map(ConfidenceCurve::confidences).orElse(new double[0]),
        curve.map(ConfidenceCurve::accuracies).orElse(new double[0]),
        curve.map(ConfidenceCurve::logOdds).orElse(new double[0]),
        model.predictionSets().map(Sets::of).orElse(null),
        model
            .pixelRange()
            .map(range -> new double[] {range.low(), range.high()})
            .orElse(new double[0]),
        model.thresholds().stream().map(Line::of).toList(),
        Provenance.capture(model.engine()).entries());
  }

  static EnergyModel read(Path file, AllowedClasses allowed, EngineSettings engine)
      throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString(), null, "no such model file");
    }
    Optional<Description> description;
    ComputationGraph graph;
    try (ZipArchive zip = openArchive(file)) {
      Optional<Entry> entry = zip.find(ENTRY);
      if (entry.isEmpty() && zip.find(CONFIGURATION).isEmpty()) {
        throw new IOException(
            "file " + file + " is a zip but not a model: it has no entry " + CONFIGURATION);
      }
      description = entry.isPresent() ? readDescription(file, zip, entry.get()) : Optional.empty();
      graph = readNetwork(file, zip, allowed);
    }
    EnergyModel.Builder builder = EnergyModel.builder(graph).engine(engine);
    try {
      description.ifPresent(found -> found.apply(builder));
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw new IOException("model file " + file + " contradicts itself: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      if (isNonsense(e)) {
        throw new IOException("model file " + file + " is damaged: " + reason(e), e);
      }
      throw e;
    }
  }

  private static ZipArchive openArchive(Path file) throws IOException {
    try {
      return ZipArchive.open(file);
    } catch (ZipException e) {
      throw new IOException(
          "file " + file + " is not a model, or is damaged: " + e.getMessage(), e);
    }
  }

  private static ComputationGraph readNetwork(Path file, ZipArchive zip, AllowedClasses allowed)
      throws IOException {
    try {
      Entry configuration = require(zip, CONFIGURATION);
      Entry parameters = require(zip, PARAMETERS);
      zip.limitExpansion(List.of(configuration), MAX_TEXT_EXPANSION, TEXT_FLOOR);
      zip.limitExpansion(List.of(parameters), MAX_EXPANSION, FLOOR);
      String json = text(zip.read(configuration, MAX_TEXT));
      Network network = ConfigurationReader.read(json, allowed);
      try (InputStream in = zip.open(parameters)) {
        return network.network(ParameterReader.read(in, parameters.size(), network.parameters()));
      }
    } catch (IOException | RuntimeException | LinkageError e) {
      throw new IOException(
          "model file "
              + file
              + " is damaged, or not to be trusted: its network cannot be read: "
              + reason(e),
          e);
    }
  }

  private static Entry require(ZipArchive zip, String name) throws IOException {
    return zip.find(name).orElseThrow(() -> new IOException("it has no entry " + name));
  }

  private static String text(byte[] bytes) throws IOException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  /**
   * Returns the reason in one line; mappers add the position in the file, and some exceptions have
   * no message.
   */
  private static String reason(Throwable e) {
    String message = e.getMessage();
    if (e instanceof JsonProcessingException json) {
      message = json.getOriginalMessage();
    } else if (e instanceof JsonMappingException json && isNonsense(json.getCause())) {
      message =
          json.getPath().stream()
              .map(at -> at.getFieldName() == null ? "[" + at.getIndex() + "]" : at.getFieldName())
              .collect(Collectors.joining(".", "its configuration is invalid at ", ""));
    } else if (e instanceof org.nd4j.shade.jackson.core.JsonProcessingException json) {
      message = json.getOriginalMessage();
    } else if (isNonsense(e)) {
      message = "parts of it are missing or contradict each other";
    }
    return message == null || message.isBlank()
        ? "it is not text, or parts of it are missing"
        : Texts.shortenReason(message);
  }

  /**
   * Returns whether this is an exception thrown by code that expects a valid network; its message
   * is about that code.
   */
  private static boolean isNonsense(@Nullable Throwable e) {
    return e instanceof NullPointerException
        || e instanceof ClassCastException
        || e instanceof IndexOutOfBoundsException
        || e instanceof ArithmeticException
        || e instanceof NegativeArraySizeException
        || e instanceof NoSuchElementException;
  }

  private static Optional<Description> readDescription(Path file, ZipArchive zip, Entry entry)
      throws IOException {
    Description description;
    try {
      description = JSON.readValue(text(zip.read(entry, MAX_DESCRIPTION)), Description.class);
    } catch (IOException e) {
      throw new IOException(
          "model file " + file + " is damaged: bad entry " + ENTRY + ": " + reason(e), e);
    }
    if (description == null || description.shape == null || description.classNames == null) {
      throw new IOException("model file " + file + " is damaged: incomplete entry " + ENTRY);
    }
    if (description.format > FORMAT) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "model file %s has format %d, this version reads up to %d: use a newer version of"
                  + " this library",
              file,
              description.format,
              FORMAT));
    }
    return Optional.of(description);
  }
}
