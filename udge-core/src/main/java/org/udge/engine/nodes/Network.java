package org.udge.engine.nodes;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.udge.data.ImageShape;

/**
 * The nodes of a classifier up to its logits. Immutable and thread-safe.
 *
 * @param nodes the nodes, each input before its readers: the images first, the logits last
 */
public record Network(List<Node> nodes) {

  /**
   * Creates a network after checking the order of its nodes.
   *
   * @param nodes the nodes, each input before its readers: the images first, the logits last
   * @throws IllegalArgumentException if the first node is not the images, a name occurs twice, or a
   *     node reads an output that does not precede it
   */
  public Network {
    nodes = List.copyOf(nodes);
    checkArgument(
        !nodes.isEmpty() && nodes.get(0) instanceof Node.Images,
        "the first node must be the images, nodes are %s",
        nodes);
    Set<String> made = new HashSet<>();
    for (Node node : nodes) {
      checkArgument(made.containsAll(node.inputs()), "node %s reads what is not before it", node);
      checkArgument(made.add(node.name()), "there are two nodes '%s'", node.name());
    }
  }

  /**
   * Returns the node of the images.
   *
   * @return the first node
   */
  public Node images() {
    return nodes.get(0);
  }

  /**
   * Returns the node whose output is the logits.
   *
   * @return the last node
   */
  public Node logits() {
    return nodes.get(nodes.size() - 1);
  }

  /**
   * Returns whether the network has a node of the given kind.
   *
   * @param kind the class of the node
   * @return true if there is one
   */
  public boolean has(Class<? extends Node> kind) {
    return nodes.stream().anyMatch(kind::isInstance);
  }

  /**
   * Returns this network as it is outside training: readers of a dropout node read its input
   * instead.
   *
   * @return a network without dropout
   */
  public Network withoutDropout() {
    Map<String, String> sources = new HashMap<>();
    UnaryOperator<String> source = name -> sources.getOrDefault(name, name);
    List<Node> kept = new ArrayList<>();
    for (Node node : nodes) {
      if (node instanceof Node.Dropout dropout) {
        sources.put(node.name(), source.apply(dropout.input()));
      } else {
        kept.add(node.reading(source));
      }
    }
    return new Network(kept);
  }

  /**
   * Returns the shapes of all activations for images of the given size.
   *
   * @param images the shape of an image
   * @return the shapes by node name, in order
   * @throws IllegalArgumentException if the network does not support images of this size; the
   *     message names the layer
   */
  public Map<String, ImageShape> shapes(ImageShape images) {
    Map<String, ImageShape> shapes = new LinkedHashMap<>();
    shapes.put(images().name(), images);
    for (Node node : nodes.subList(1, nodes.size())) {
      List<ImageShape> inputs =
          node.inputs().stream().map(name -> requireNonNull(shapes.get(name), name)).toList();
      shapes.put(node.name(), node.output(inputs));
    }
    return shapes;
  }
}
