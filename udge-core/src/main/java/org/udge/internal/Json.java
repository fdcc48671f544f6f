package org.udge.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Converts values to standard JSON: numbers that are not finite become null. */
public final class Json {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Json() {}

  /**
   * Returns a JSON object.
   *
   * @param members strings, booleans, numbers, optional numbers, lists and maps of these, by name
   * @return one line
   * @throws IllegalArgumentException if there is a value of another type
   */
  public static String text(Map<String, ?> members) {
    try {
      return MAPPER.writeValueAsString(node(members));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write JSON of " + members.keySet(), e);
    }
  }

  private static JsonNode node(Object value) {
    if (value instanceof Map<?, ?> map) {
      ObjectNode object = NODES.objectNode();
      map.forEach((name, member) -> object.set(name.toString(), node(member)));
      return object;
    }
    if (value instanceof List<?> list) {
      ArrayNode array = NODES.arrayNode(list.size());
      list.forEach(element -> array.add(node(element)));
      return array;
    }
    if (value instanceof OptionalDouble number) {
      return node(number.orElse(Double.NaN));
    }
    if (value instanceof Double number) {
      return Double.isFinite(number) ? NODES.numberNode(number) : NODES.nullNode();
    }
    if (value instanceof Integer || value instanceof Long) {
      return NODES.numberNode(((Number) value).longValue());
    }
    if (value instanceof Boolean truth) {
      return NODES.booleanNode(truth);
    }
    if (value instanceof String text) {
      return NODES.textNode(text);
    }
    throw new IllegalArgumentException("cannot write a " + value.getClass() + " as JSON: " + value);
  }
}
