package org.udge.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.OptionalDouble;

/** JSON as everyone can read it: what is not a finite number becomes null. */
final class Json {

  private Json() {}

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  static ObjectNode metrics(List<Metric> metrics) {
    ObjectNode node = object();
    metrics.forEach(m -> number(node, m.key(), m.value()));
    return node;
  }

  static void number(ObjectNode node, String name, double value) {
    if (Double.isFinite(value)) {
      node.put(name, value);
    } else {
      node.putNull(name);
    }
  }

  static void number(ObjectNode node, String name, OptionalDouble value) {
    number(node, name, value.orElse(Double.NaN));
  }

  static ArrayNode numbers(double... values) {
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

  static ArrayNode numbers(long... values) {
    ArrayNode node = array();
    for (long value : values) {
      node.add(value);
    }
    return node;
  }
}
