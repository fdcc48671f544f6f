package org.udge.examples.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import org.udge.state.AtomicFiles;

/** Reads and writes files of JSON. */
public final class JsonFiles {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private JsonFiles() {}

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  public static void write(Path file, JsonNode node) throws IOException {
    String text = MAPPER.writer(new DefaultPrettyPrinter()).writeValueAsString(node) + "\n";
    AtomicFiles.write(file, temporary -> Files.writeString(temporary, text));
  }

  public static JsonNode read(Path file, String what) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString(), null, "expected " + what);
    }
    try {
      return MAPPER.readTree(file.toFile());
    } catch (JsonProcessingException e) {
      throw new IOException(file + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** A JSON object, as written by the library's results. */
  public static ObjectNode parse(String text) {
    try {
      return (ObjectNode) MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + text, e);
    }
  }

  /** Numbers by name; values that are not finite become null. */
  public static ObjectNode numbers(Map<String, Double> values) {
    ObjectNode node = object();
    values.forEach((name, value) -> node.set(name, number(value)));
    return node;
  }

  public static JsonNode number(double value) {
    return Double.isFinite(value)
        ? JsonNodeFactory.instance.numberNode(value)
        : JsonNodeFactory.instance.nullNode();
  }

  /** The value of a flag. */
  public static JsonNode value(Object value) {
    if (value == null) {
      return JsonNodeFactory.instance.nullNode();
    } else if (value instanceof Enum<?> choice) {
      return JsonNodeFactory.instance.textNode(Choice.text(choice));
    } else if (value instanceof Boolean || value instanceof Number) {
      return MAPPER.valueToTree(value);
    } else if (value instanceof Collection<?> values) {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      values.forEach(each -> array.add(value(each)));
      return array;
    }
    return JsonNodeFactory.instance.textNode(value.toString());
  }
}
