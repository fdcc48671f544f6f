package org.udge.engine.onednn;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.udge.engine.nodes.Node;
import org.udge.engine.nodes.Node.Activation;
import org.udge.engine.nodes.Node.Add;
import org.udge.engine.nodes.Node.Convolution;
import org.udge.engine.nodes.Node.Dense;

/**
 * The second stage of compilation: activation functions and sums are fused into the preceding
 * convolution.
 *
 * <ul>
 *   <li>f(convolution(x)) is one node if no other node reads the convolution and the derivative of
 *       f can be computed from its value.
 *   <li>convolution(x) + y is one node if no other node reads the convolution. It is computed at
 *       the position of the sum, and overwrites y if no node reads y later, forward or backward.
 *   <li>Other activation functions overwrite their argument under the same conditions. They
 *       directly follow it: in the backward pass, when the other readers have already contributed
 *       to the gradient, multiplication by the derivative and addition to the sum are one step.
 * </ul>
 */
final class Fusion {

  private final List<Node> nodes;
  private final Map<String, Node> producers = new HashMap<>();
  private final Map<String, List<Node>> readers = new HashMap<>();
  private final Map<String, Integer> positions = new HashMap<>();

  private Fusion(List<Node> nodes) {
    this.nodes = nodes;
    for (Node node : nodes) {
      positions.put(node.name(), positions.size());
      producers.put(node.name(), node);
      node.inputs().forEach(i -> readers.computeIfAbsent(i, k -> new ArrayList<>()).add(node));
    }
  }

  /** Fuses nodes; the order stays topological. */
  static List<FusedNode> fuse(List<Node> nodes) {
    return new Fusion(nodes).fuse();
  }

  private List<FusedNode> fuse() {
    Map<String, FusedNode> result = new HashMap<>();
    List<String> order = new ArrayList<>();
    for (Node node : nodes) {
      FusedNode fused = FusedNode.of(node);
      Optional<String> absorbed = Optional.empty();
      if (node instanceof Add add && add.inputs().size() == 2) {
        absorbed = addHost(add, result);
        if (absorbed.isPresent()) {
          fused = withAddend(requireNonNull(result.get(absorbed.get())), add);
        }
      } else if (node instanceof Activation activation && canHost(activation, result)) {
        absorbed = Optional.of(activation.input());
        FusedNode host = requireNonNull(result.get(activation.input()));
        fused =
            new FusedNode(
                host.node(),
                host.addend(),
                host.inPlace(),
                Optional.of(activation.function()),
                activation.name());
      } else if (node instanceof Activation activation && ownsInput(activation)) {
        fused = new FusedNode(node, Optional.empty(), true, Optional.empty(), node.name());
      }
      if (absorbed.isPresent()) {
        result.remove(absorbed.get());
        order.remove(absorbed.get());
      }
      result.put(fused.output(), fused);
      boolean apart = fused.node() instanceof Activation;
      int position = apart ? order.indexOf(fused.node().inputs().get(0)) + 1 : order.size();
      order.add(position, fused.output());
    }
    return order.stream().map(result::get).toList();
  }

  private boolean canHost(Activation activation, Map<String, FusedNode> fused) {
    FusedNode host = requireNonNull(fused.get(activation.input()));
    return activation.function().derivativeFromValue()
        && host.activation().isEmpty()
        && (host.node() instanceof Convolution || host.node() instanceof Dense)
        && readers(activation.input()).size() == 1;
  }

  /** Returns whether no other node reads the input, forward or backward. */
  private boolean ownsInput(Activation activation) {
    Node producer = producer(activation.input());
    return activation.function().derivativeFromValue()
        && readers(activation.input()).size() == 1
        && !(producer instanceof Node.Images)
        && !(producer instanceof Node.Reshape)
        && !(producer instanceof Activation a && a.function().derivativeFromValue());
  }

  /** Returns the later of the convolutions that are read only by this sum. */
  private Optional<String> addHost(Add add, Map<String, FusedNode> fused) {
    return add.inputs().stream()
        .filter(input -> FusedNode.of(producer(input)).equals(fused.get(input)))
        .filter(input -> producer(input) instanceof Convolution c && c.groups() == 1)
        .filter(input -> readers(input).size() == 1)
        .max((a, b) -> Integer.compare(position(a), position(b)));
  }

  private FusedNode withAddend(FusedNode host, Add add) {
    List<String> others = new ArrayList<>(add.inputs());
    others.remove(host.output());
    String addend = others.get(0);
    return new FusedNode(
        host.node(), Optional.of(addend), mayOverwrite(addend, add), Optional.empty(), add.name());
  }

  private boolean mayOverwrite(String value, Add sum) {
    Node producer = producer(value);
    boolean readBackward =
        producer instanceof Node.Images
            || producer instanceof Node.Reshape
            || (producer instanceof Activation a && a.function().derivativeFromValue())
            || readers(value).stream().anyMatch(Fusion::needsInput);
    boolean readLater =
        readers(value).stream()
            .anyMatch(r -> r != sum && position(r.name()) > position(sum.name()));
    return !readBackward && !readLater;
  }

  /**
   * Returns whether the backward pass of a node needs its input, or its output shares the memory of
   * its input.
   */
  private static boolean needsInput(Node reader) {
    if (reader instanceof Activation activation) {
      return !activation.function().derivativeFromValue();
    }
    return !(reader instanceof Add
        || reader instanceof Node.Pool
        || reader instanceof Node.GlobalPool
        || reader instanceof Node.Concatenate
        || reader instanceof Node.Border
        || reader instanceof Node.Upsample
        || reader instanceof Node.Dropout);
  }

  private Node producer(String value) {
    return requireNonNull(producers.get(value), value);
  }

  private List<Node> readers(String value) {
    return requireNonNull(readers.get(value), value);
  }

  private int position(String value) {
    return requireNonNull(positions.get(value), value);
  }
}
