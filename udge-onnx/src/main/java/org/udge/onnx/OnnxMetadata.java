package org.udge.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.udge.Calibration;
import org.udge.Threshold;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.internal.Json;
import org.udge.internal.Texts;

/**
 * The metadata of a classifier in an ONNX file, in {@code metadata_props}: one JSON value per key.
 *
 * @param logits the tensor that holds the logits
 * @param features the tensor that holds the penultimate features
 * @param classNames empty if not known
 */
record OnnxMetadata(
    Optional<String> logits,
    Optional<String> features,
    List<String> classNames,
    Optional<ImageShape> shape,
    Optional<PixelRange> pixelRange,
    Optional<Calibration> calibration,
    List<Threshold> thresholds,
    Map<String, String> provenance) {

  /** To be raised when older versions could misinterpret newer files. */
  static final int FORMAT = 1;

  static final String PREFIX = "udge.";

  private static final String FORMAT_KEY = "format";
  private static final String LOGITS = "logits";
  private static final String FEATURES = "features";
  private static final String CLASSES = "class_names";
  private static final String SHAPE = "image_shape";
  private static final String RANGE = "pixel_range";
  private static final String PREPROCESSING = "preprocessing";
  private static final String CALIBRATION = "calibration";
  private static final String THRESHOLDS = "thresholds";
  private static final String PROVENANCE = "provenance";

  private static final int MAX_TEXT = 1 << 23;

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(20).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  static final OnnxMetadata NONE =
      new OnnxMetadata(
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Map.of());

  OnnxMetadata {
    classNames = List.copyOf(classNames);
    thresholds = List.copyOf(thresholds);
  }

  OnnxMetadata withClassNames(List<String> names) {
    return new OnnxMetadata(
        logits, features, names, shape, pixelRange, calibration, thresholds, provenance);
  }

  OnnxMetadata withCalibration(Calibration fitted) {
    return new OnnxMetadata(
        logits,
        features,
        classNames,
        shape,
        pixelRange,
        Optional.of(fitted),
        thresholds,
        provenance);
  }

  OnnxMetadata withThreshold(Threshold line) {
    List<Threshold> lines = new ArrayList<>(thresholds);
    lines.removeIf(other -> other.score().equals(line.score()));
    lines.add(line);
    return new OnnxMetadata(
        logits, features, classNames, shape, pixelRange, calibration, lines, provenance);
  }

  /** Replaces a model's metadata under this library's keys. */
  void write(ModelProto.Builder model) {
    List<StringStringEntryProto> others =
        model.getMetadataPropsList().stream()
            .filter(entry -> !entry.getKey().startsWith(PREFIX))
            .toList();
    model.clearMetadataProps().addAllMetadataProps(others);
    texts()
        .forEach(
            (key, value) ->
                model.addMetadataProps(
                    StringStringEntryProto.newBuilder().setKey(PREFIX + key).setValue(value)));
  }

  private Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(FORMAT_KEY, Integer.toString(FORMAT));
    logits.ifPresent(name -> texts.put(LOGITS, json(name)));
    features.ifPresent(name -> texts.put(FEATURES, json(name)));
    if (!classNames.isEmpty()) {
      texts.put(CLASSES, json(classNames));
    }
    shape.ifPresent(s -> texts.put(SHAPE, json(List.of(s.channels(), s.height(), s.width()))));
    pixelRange.ifPresent(
        r -> {
          texts.put(RANGE, json(List.of(r.low(), r.high())));
          texts.put(PREPROCESSING, json(preprocessing(r)));
        });
    calibration.ifPresent(
        c -> {
          if (c.curve().isPresent()) {
            throw new IllegalArgumentException(
                "an ONNX file keeps a scale and a bias for each class, but the model's"
                    + " calibration has"
                    + " a curve too, "
                    + c.curve().get()
                    + ": fit a temperature");
          }
          texts.put(
              CALIBRATION, json(Map.of("scale", numbers(c.scale()), "bias", numbers(c.bias()))));
        });
    if (!thresholds.isEmpty()) {
      texts.put(THRESHOLDS, json(thresholds.stream().map(OnnxMetadata::line).toList()));
    }
    if (!provenance.isEmpty()) {
      texts.put(PROVENANCE, Json.text(provenance));
    }
    return texts;
  }

  /** For readers other than this library, which uses the range. */
  private static Map<String, Object> preprocessing(PixelRange range) {
    Map<String, Object> preprocessing = new LinkedHashMap<>();
    preprocessing.put("layout", "NCHW");
    preprocessing.put("channels", "RGB, or gray if there is one channel");
    preprocessing.put("pixel", "byte * scale + shift");
    preprocessing.put("scale", (range.high() - range.low()) / 255);
    preprocessing.put("shift", range.low());
    return preprocessing;
  }

  private static Map<String, Object> line(Threshold threshold) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("score", threshold.score());
    line.put("value", threshold.value());
    threshold.falseAlarmRate().ifPresent(rate -> line.put("false_alarm_rate", rate));
    line.put("images", threshold.images());
    return line;
  }

  private static List<Double> numbers(double[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write " + value + " as JSON", e);
    }
  }

  /**
   * Reads a model's metadata under this library's keys.
   *
   * @throws IOException if it is invalid; the message does not name the file
   */
  static OnnxMetadata read(ModelProto model) throws IOException {
    Map<String, JsonNode> values = new LinkedHashMap<>();
    for (StringStringEntryProto entry : model.getMetadataPropsList()) {
      if (entry.getKey().startsWith(PREFIX)
          && values.put(entry.getKey().substring(PREFIX.length()), parse(entry)) != null) {
        throw new IOException("metadata " + Texts.shorten(entry.getKey()) + " is given twice");
      }
    }
    if (values.isEmpty()) {
      return NONE;
    }
    Reader reader = new Reader(values);
    reader.checkFormat();
    try {
      return new OnnxMetadata(
          reader.text(LOGITS),
          reader.text(FEATURES),
          reader.texts(CLASSES),
          reader.numbers(SHAPE, 3).map(OnnxMetadata::shape),
          reader.numbers(RANGE, 2).map(n -> new PixelRange(n[0], n[1])),
          reader.calibration(),
          reader.thresholds(),
          reader.provenance());
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "its metadata are invalid: " + Texts.shortenReason(String.valueOf(e.getMessage())), e);
    }
  }

  private static JsonNode parse(StringStringEntryProto entry) throws IOException {
    if (entry.getValue().length() > MAX_TEXT) {
      throw new IOException(
          "metadata "
              + Texts.shorten(entry.getKey())
              + " has more than "
              + MAX_TEXT
              + " characters");
    }
    try {
      return JSON.readTree(entry.getValue());
    } catch (JsonProcessingException e) {
      throw new IOException(
          "metadata "
              + Texts.shorten(entry.getKey())
              + " is not JSON: "
              + Texts.shortenReason(e.getOriginalMessage()),
          e);
    }
  }

  private static ImageShape shape(double[] sizes) {
    int[] whole = Arrays.stream(sizes).mapToInt(size -> (int) size).toArray();
    return new ImageShape(whole[0], whole[1], whole[2]);
  }

  /** Reads values of the required types. */
  private record Reader(Map<String, JsonNode> values) {

    void checkFormat() throws IOException {
      JsonNode format = require(FORMAT_KEY);
      if (!format.isInt()) {
        throw wrong(FORMAT_KEY, "a number");
      }
      if (format.intValue() > FORMAT) {
        throw new IOException(
            "its metadata have format "
                + format.intValue()
                + ", this version reads up to "
                + FORMAT
                + ": use a newer version of this library");
      }
    }

    private JsonNode require(String key) throws IOException {
      JsonNode value = values.get(key);
      if (value == null) {
        throw new IOException("metadata " + PREFIX + key + " is missing");
      }
      return value;
    }

    private static IOException wrong(String key, String expected) {
      return new IOException("metadata " + PREFIX + key + " must be " + expected);
    }

    Optional<String> text(String key) throws IOException {
      JsonNode value = values.get(key);
      if (value == null) {
        return Optional.empty();
      }
      if (!value.isTextual()) {
        throw wrong(key, "a text");
      }
      return Optional.of(value.textValue());
    }

    List<String> texts(String key) throws IOException {
      List<String> texts = new ArrayList<>();
      JsonNode value = values.get(key);
      if (value == null) {
        return texts;
      }
      for (JsonNode element : value) {
        if (!element.isTextual()) {
          throw wrong(key, "a list of texts");
        }
        texts.add(element.textValue());
      }
      if (!value.isArray() || texts.isEmpty()) {
        throw wrong(key, "a list of texts");
      }
      return texts;
    }

    Optional<double[]> numbers(String key, int count) throws IOException {
      JsonNode value = values.get(key);
      if (value == null) {
        return Optional.empty();
      }
      double[] numbers = numbers(key, value);
      if (numbers.length != count) {
        throw wrong(key, "a list of " + count + " numbers");
      }
      return Optional.of(numbers);
    }

    private static double[] numbers(String key, JsonNode value) throws IOException {
      double[] numbers = new double[value.size()];
      for (int i = 0; i < numbers.length; i++) {
        JsonNode element = value.path(i);
        if (!element.isNumber()) {
          throw wrong(key, "a list of numbers");
        }
        numbers[i] = element.doubleValue();
      }
      return numbers;
    }

    Optional<Calibration> calibration() throws IOException {
      JsonNode value = values.get(CALIBRATION);
      return value == null
          ? Optional.empty()
          : Optional.of(
              Calibration.vector(
                  numbers(CALIBRATION, value.path("scale")),
                  numbers(CALIBRATION, value.path("bias"))));
    }

    List<Threshold> thresholds() throws IOException {
      List<Threshold> lines = new ArrayList<>();
      JsonNode value = values.get(THRESHOLDS);
      if (value == null) {
        return lines;
      }
      for (JsonNode line : value) {
        JsonNode rate = line.path("false_alarm_rate");
        OptionalDouble at = number(line.path("value"));
        if (!line.path("score").isTextual() || at.isEmpty()) {
          throw wrong(THRESHOLDS, "a list of objects with score and value");
        }
        lines.add(
            new Threshold(
                line.path("score").textValue(),
                at.getAsDouble(),
                rate.isNumber() ? OptionalDouble.of(rate.doubleValue()) : OptionalDouble.empty(),
                line.path("images").asLong()));
      }
      return lines;
    }

    /** Infinite thresholds, which accept all images or none, are strings. */
    private static OptionalDouble number(JsonNode value) {
      return switch (value.asText()) {
        case "Infinity" -> OptionalDouble.of(Double.POSITIVE_INFINITY);
        case "-Infinity" -> OptionalDouble.of(Double.NEGATIVE_INFINITY);
        default ->
            value.isNumber() ? OptionalDouble.of(value.doubleValue()) : OptionalDouble.empty();
      };
    }

    Map<String, String> provenance() {
      Map<String, String> entries = new LinkedHashMap<>();
      JsonNode value = values.get(PROVENANCE);
      if (value != null) {
        value.fieldNames().forEachRemaining(name -> entries.put(name, value.path(name).asText()));
      }
      return entries;
    }
  }
}
