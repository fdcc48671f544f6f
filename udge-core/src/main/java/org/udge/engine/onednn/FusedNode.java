package org.udge.engine.onednn;

import java.util.Optional;
import org.udge.engine.nodes.ActivationFunction;
import org.udge.engine.nodes.Node;

/**
 * A node with the operations applied to its result before it is written.
 *
 * @param node the operation
 * @param addend the output that is added, if any
 * @param inPlace whether the result may overwrite the addend (or, without one, the input), because
 *     no other node reads it later
 * @param activation the function applied last, if any
 * @param output the name of the result
 */
record FusedNode(
    Node node,
    Optional<String> addend,
    boolean inPlace,
    Optional<ActivationFunction> activation,
    String output) {

  static FusedNode of(Node node) {
    return new FusedNode(node, Optional.empty(), false, Optional.empty(), node.name());
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(node.getClass().getSimpleName()).append(' ').append(node.name());
    text.append(' ').append(node.inputs());
    addend.ifPresent(a -> text.append(" + ").append(a).append(inPlace ? " in place" : ""));
    if (addend.isEmpty() && inPlace) {
      text.append(" in place");
    }
    activation.ifPresent(f -> text.append(", ").append(f));
    return text.append(" -> ").append(output).toString();
  }
}
