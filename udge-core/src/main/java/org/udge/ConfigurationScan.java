package org.udge;

import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.nd4j.shade.jackson.core.JsonFactory;
import org.nd4j.shade.jackson.core.JsonParser;
import org.nd4j.shade.jackson.core.JsonToken;

/**
 * Scans a network's configuration as plain text before anything is instantiated from it.
 *
 * <p>The parser is the one that Deeplearning4j uses later, so both see the same content. The
 * following is refused: deeper nesting, longer texts and numbers, and more of them than any network
 * has; duplicate names; classes that are not allowed; arrays whose shape does not match their
 * number of elements; and layers so large that their number of parameters, which Deeplearning4j
 * computes in 64-bit arithmetic, could overflow and look small.
 */
final class ConfigurationScan {

  private static final int MAX_DEPTH = 100;
  private static final int MAX_TEXT = 10_000;
  private static final int MAX_NUMBER = 100;
  private static final int MAX_TOKENS = 2_000_000;

  /** A layer multiplies a few factors below this: sums of their products stay below 2^63. */
  private static final double MAX_PRODUCT = 0x1p58;

  /** Numbers that are not sizes and may be large. */
  private static final Set<String> NO_SIZES =
      Set.of("seed", "iterationCount", "epochCount", "layerName");

  private static final JsonFactory JSON =
      new JsonFactory().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private final AllowedClasses allowed;
  private final Deque<Level> levels = new ArrayDeque<>();
  private final Set<String> rootNames = new HashSet<>();

  /** An object or array that is open. */
  private static final class Level {

    final boolean array;

    /**
     * Whether Deeplearning4j may interpret a "type" in here as a class, as it does for
     * distributions.
     */
    final boolean distribution;

    String name = "";
    double product = 1;
    double largest = 1;
    long items;
    double elements = 1;
    boolean typed;
    double shape = -1;
    double data = -1;

    Level(boolean array, boolean distribution) {
      this.array = array;
      this.distribution = distribution;
    }
  }

  private ConfigurationScan(AllowedClasses allowed) {
    this.allowed = allowed;
  }

  /**
   * Scans a configuration.
   *
   * @return the names at the top level
   * @throws IOException if it is not JSON or has a duplicate name
   * @throws IllegalArgumentException if it is refused
   */
  static Set<String> run(String json, AllowedClasses allowed) throws IOException {
    ConfigurationScan scan = new ConfigurationScan(allowed);
    scan.read(json);
    return scan.rootNames;
  }

  private void read(String json) throws IOException {
    try (JsonParser parser = JSON.createParser(json)) {
      checkArgument(parser.nextToken() == JsonToken.START_OBJECT, "it is not a JSON object");
      int tokens = 0;
      for (JsonToken token = parser.currentToken(); token != null; token = parser.nextToken()) {
        checkArgument(++tokens <= MAX_TOKENS, "it has more than %s parts", MAX_TOKENS);
        accept(token, parser);
      }
    }
  }

  private void accept(JsonToken token, JsonParser parser) throws IOException {
    switch (token) {
      case START_OBJECT, START_ARRAY -> open(token == JsonToken.START_ARRAY);
      case END_OBJECT, END_ARRAY -> close();
      case FIELD_NAME -> {
        checkLength(parser.getTextLength(), MAX_TEXT, "text");
        levels.peek().name = parser.getText();
        if (levels.size() == 1) {
          rootNames.add(parser.getText());
        }
      }
      case VALUE_STRING -> {
        checkLength(parser.getTextLength(), MAX_TEXT, "text");
        text(parser.getText());
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
        checkLength(parser.getTextLength(), MAX_NUMBER, "number");
        number(Double.parseDouble(parser.getText()));
      }
      default -> {
        item();
        levels.peek().elements = Double.NaN;
      }
    }
  }

  private static void checkLength(int length, int most, String what) {
    checkArgument(
        length <= most, "it has a %s of %s characters, expected at most %s", what, length, most);
  }

  private void open(boolean array) {
    checkArgument(levels.size() < MAX_DEPTH, "it is nested more than %s levels deep", MAX_DEPTH);
    Level parent = levels.peek();
    if (parent != null) {
      item();
    }
    levels.push(
        new Level(array, parent != null && (parent.distribution || isDistribution(parent))));
  }

  private static boolean isDistribution(Level parent) {
    return parent.name.equals("dist") || parent.name.equals("distribution");
  }

  private void close() {
    Level level = levels.pop();
    Level parent = levels.peek();
    checkArgument(
        !level.typed || level.shape < 0 || level.data < 0 || level.shape == level.data,
        "it has an array of %s numbers whose shape is that of %s",
        level.data,
        level.shape);
    checkArgument(
        level.array || level.product <= MAX_PRODUCT,
        "it has a layer too large to count its parameters");
    if (parent == null || !level.array) {
      return;
    }
    // Up to three numbers are the sides of a kernel; more are the sizes of consecutive layers.
    size(parent, level.items <= 3 ? level.product : level.largest * level.largest);
    if (parent.name.equals("shape")) {
      parent.shape = level.elements;
    } else if (parent.name.equals("data")) {
      parent.data = level.items;
    }
  }

  private void text(String value) {
    Level level = levels.peek();
    item();
    if (isClass(level, value) && !allowed.contains(value)) {
      throw new IllegalArgumentException(AllowedClasses.refusal(value));
    }
    level.elements = Double.NaN;
    if (level.name.equals("dataType")) {
      level.typed = true;
    }
    // A legacy array that specifies its own buffer, offset and strides.
    checkArgument(!level.name.equals("dataBuffer"), "it has an array with a buffer");
    if (value.length() <= MAX_NUMBER && looksLikeNumber(value)) {
      size(level, parse(value));
    }
  }

  private static boolean isClass(Level level, String value) {
    return level.name.equals("@class")
        || (level.name.equals("type") && (level.distribution || value.indexOf('.') >= 0));
  }

  private static boolean looksLikeNumber(String value) {
    return !value.isBlank() && "+-.0123456789".indexOf(value.strip().charAt(0)) >= 0;
  }

  private static double parse(String value) {
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      return 1;
    }
  }

  private void number(double value) {
    Level level = levels.peek();
    item();
    level.elements *= value >= 0 ? value : Double.NaN;
    size(level, value);
  }

  private void item() {
    Level level = levels.peek();
    level.items++;
    checkArgument(!level.name.equals("dataBuffer"), "it has an array with a buffer");
  }

  private static void size(Level level, double value) {
    if (!NO_SIZES.contains(level.name)) {
      double size = Double.isNaN(value) ? 1 : Math.max(1, Math.abs(value));
      level.product *= size;
      level.largest = Math.max(level.largest, size);
    }
  }
}
