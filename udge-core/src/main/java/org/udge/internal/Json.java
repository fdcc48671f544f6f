package org.udge.internal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalDouble;

/** JSON as everyone can read it: what is not a finite number becomes null. */
public final class Json {

  private Json() {}

  /**
   * An empty object.
   *
   * @return the object
   */
  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /**
   * An empty array.
   *
   * @return the array
   */
  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  /**
   * Puts a number.
   *
   * @param node where to
   * @param name of the member
   * @param value becomes null if it is not finite
   */
  public static void number(ObjectNode node, String name, double value) {
    if (Double.isFinite(value)) {
      node.put(name, value);
    } else {
      node.putNull(name);
    }
  }

  /**
   * Puts a number.
   *
   * @param node where to
   * @param name of the member
   * @param value becomes null if it is absent or not finite
   */
  public static void number(ObjectNode node, String name, OptionalDouble value) {
    number(node, name, value.orElse(Double.NaN));
  }

  /**
   * An array of numbers.
   *
   * @param values become null where they are not finite
   * @return the array
   */
  public static ArrayNode numbers(double... values) {
    ArrayNode node = array();
    for (double value : values) {
      if (Double.isFinite(value)) {
        node.add(value);
      } else {
        node.addNull();
      }
    }
    return node;
  }

  /**
   * An array of counts.
   *
   * @param values the counts
   * @return the array
   */
  public static ArrayNode numbers(long... values) {
    ArrayNode node = array();
    for (long value : values) {
      node.add(value);
    }
    return node;
  }
}
