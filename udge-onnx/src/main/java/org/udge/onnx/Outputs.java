package org.udge.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.udge.evaluation.features.LinearHead;
import org.udge.internal.Texts;

/**
 * Which tensors of a graph hold logits and penultimate features.
 *
 * <p>Most files have one output; if it is that of a softmax, the logits are the input of the
 * softmax. The features are the input of the matrix product that computes the logits.
 *
 * @param logits name of the tensor
 * @param features name of the tensor; empty if it cannot be determined
 * @param head the layer that computes the logits from those features; empty if they are computed
 *     otherwise
 * @param tensors names of tensors near the logits, for messages
 */
record Outputs(
    String logits, Optional<String> features, Optional<LinearHead> head, String tensors) {

  /** How many tensors messages name: the outputs of the last operators. */
  private static final int NAMED = 10;

  /** Operators that do not change the numbers of an image's vector. */
  private static final Set<String> SAME_NUMBERS =
      Set.of("Identity", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Dropout", "Cast");

  private static final Set<String> SOFTMAX = Set.of("Softmax", "LogSoftmax");

  /** Outputs from which logits cannot be recovered. */
  private static final Map<String, String> NO_LOGITS =
      Map.of(
          "ArgMax", "holds classes, not logits",
          "TopK", "holds the largest probabilities, not logits",
          "ZipMap", "holds probabilities by name, not logits",
          "Sigmoid", "holds independent probabilities of the classes, not logits of a softmax",
          "Hardmax", "holds classes, not logits");

  /**
   * Finds the tensors.
   *
   * @param logits the tensor named by the caller; if it is the output of a softmax, it stands for
   *     the softmax's input
   * @param features the tensor named by the caller
   * @throws IOException if they cannot be determined; the message does not name the file
   */
  static Outputs of(GraphProto graph, Optional<String> logits, Optional<String> features)
      throws IOException {
    Finder finder = new Finder(graph);
    String found =
        finder.beforeSoftmax(logits.isPresent() ? finder.known(logits.get()) : only(graph, finder));
    Optional<Product> product = finder.product(found);
    Optional<String> before = product.map(p -> p.node().getInput(0));
    Optional<String> wanted =
        features.isPresent() ? Optional.of(finder.known(features.get())) : before;
    Optional<LinearHead> head =
        product
            .filter(p -> wanted.equals(before))
            .flatMap(p -> new Head(graph, finder.makers).of(p.node(), p.bias()));
    return new Outputs(found, wanted, head, finder.tensors());
  }

  /** A matrix product, and the constant that is added to it. */
  private record Product(NodeProto node, Optional<String> bias) {}

  private static String only(GraphProto graph, Finder finder) throws IOException {
    List<String> names = graph.getOutputList().stream().map(ValueInfoProto::getName).toList();
    if (names.contains("logits")) {
      return "logits";
    }
    if (names.size() != 1) {
      throw new IOException(
          "it has the outputs "
              + Texts.shorten(names.toString())
              + ": say which holds the logits"
              + OnnxLoader.saying("logits")
              + "; "
              + finder.tensors());
    }
    return names.get(0);
  }

  /** The model with only these outputs. */
  ModelProto putOutBy(ModelProto model) {
    ModelProto.Builder changed = model.toBuilder();
    GraphProto.Builder graph = changed.getGraphBuilder();
    Map<String, ValueInfoProto> described = new HashMap<>();
    graph.getOutputList().forEach(output -> described.put(output.getName(), output));
    graph.clearOutput();
    graph.addOutput(described.getOrDefault(logits, named(logits)));
    features
        .filter(name -> !name.equals(logits))
        .ifPresent(name -> graph.addOutput(described.getOrDefault(name, named(name))));
    return changed.build();
  }

  /** ONNX Runtime infers type and shape itself. */
  private static ValueInfoProto named(String tensor) {
    return ValueInfoProto.newBuilder().setName(tensor).build();
  }

  private static final class Finder {
    private final Map<String, NodeProto> makers = new HashMap<>();
    private final Set<String> constants = new HashSet<>();
    private final Set<String> inputs = new HashSet<>();
    private final List<String> made = new ArrayList<>();

    Finder(GraphProto graph) {
      for (NodeProto node : graph.getNodeList()) {
        node.getOutputList().forEach(output -> makers.put(output, node));
        if (node.getOpType().equals("Constant")) {
          constants.addAll(node.getOutputList());
        } else {
          made.addAll(node.getOutputList());
        }
      }
      graph.getInitializerList().stream().map(TensorProto::getName).forEach(constants::add);
      graph.getInputList().stream().map(ValueInfoProto::getName).forEach(inputs::add);
    }

    String known(String tensor) throws IOException {
      if (!makers.containsKey(tensor) && !inputs.contains(tensor)) {
        throw new IOException(
            "its graph has no tensor '" + Texts.shorten(tensor) + "'; " + tensors());
      }
      return tensor;
    }

    private Optional<NodeProto> maker(String tensor) {
      return Optional.ofNullable(makers.get(tensor))
          .filter(node -> node.getDomain().isEmpty() || node.getDomain().startsWith("ai.onnx"));
    }

    String beforeSoftmax(String output) throws IOException {
      Optional<NodeProto> maker = firstChange(output);
      if (maker.isEmpty()) {
        return output;
      }
      NodeProto node = maker.get();
      String why = NO_LOGITS.get(node.getOpType());
      if (why != null) {
        throw new IOException(
            "its output '"
                + Texts.shorten(output)
                + "' "
                + why
                + " (operator "
                + node.getOpType()
                + "): export the network up to its logits, or name their tensor"
                + OnnxLoader.saying("logits")
                + "; "
                + tensors());
      }
      return SOFTMAX.contains(node.getOpType()) && node.getInputCount() > 0
          ? node.getInput(0)
          : output;
    }

    /** The node that computes a tensor's numbers, skipping nodes that only reshape them. */
    private Optional<NodeProto> firstChange(String tensor) {
      Optional<NodeProto> maker = maker(tensor);
      // A damaged graph may contain cycles.
      for (int steps = makers.size(); steps > 0; steps--) {
        if (maker.isEmpty()
            || !SAME_NUMBERS.contains(maker.get().getOpType())
            || maker.get().getInputCount() == 0) {
          return maker;
        }
        maker = maker(maker.get().getInput(0));
      }
      return maker;
    }

    /** The product with weights, possibly plus a bias, that computes a tensor. */
    Optional<Product> product(String tensor) {
      Optional<NodeProto> maker = firstChange(tensor);
      Optional<String> bias = Optional.empty();
      if (maker.isPresent() && maker.get().getOpType().equals("Add")) {
        List<String> summands = maker.get().getInputList();
        List<String> computed = summands.stream().filter(in -> !constants.contains(in)).toList();
        bias = summands.stream().filter(constants::contains).findFirst();
        maker = computed.size() == 1 ? firstChange(computed.get(0)) : Optional.empty();
      }
      Optional<String> added = bias;
      return maker
          .filter(node -> node.getOpType().equals("Gemm") || node.getOpType().equals("MatMul"))
          .filter(node -> node.getInputCount() >= 2)
          .filter(node -> makers.containsKey(node.getInput(0)))
          .filter(node -> !constants.contains(node.getInput(0)))
          .map(node -> new Product(node, added));
    }

    /** The last tensors of the graph, in its order. */
    String tensors() {
      List<String> last = made.subList(Math.max(0, made.size() - NAMED), made.size());
      return (made.size() > NAMED ? "the last of its " + made.size() : "its")
          + " tensors are "
          + Texts.shorten(String.join(", ", last));
    }
  }
}
