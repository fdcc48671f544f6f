package org.udge.interop;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Maps PyTorch tensors to the parameters of a graph whose vertices have the names of PyTorch's
 * modules. Both store convolution weights as [out, in, height, width]; weights of dense layers are
 * [out, in] in PyTorch and [in, out] in Deeplearning4j.
 */
final class TorchParameters {

  /** Deeplearning4j's keys and PyTorch's names. */
  private static final Map<String, String> NAMES =
      Map.of(
          "W", "weight",
          "b", "bias",
          "gamma", "weight",
          "beta", "bias",
          "mean", "running_mean",
          "var", "running_var",
          "loc", "loc",
          "scale", "scale",
          "initialized", "initialized");

  /**
   * One parameter.
   *
   * @param tensor the name in the state dict
   * @param shape the required shape of the tensor
   * @param vertex the graph's vertex
   * @param key the key of the layer's parameter
   */
  private record Parameter(String tensor, long[] shape, String vertex, String key) {}

  private final List<Parameter> parameters = new ArrayList<>();

  /**
   * Lists a network's parameters.
   *
   * @param head the vertex whose tensors have no prefix
   * @param prefix the prefix of the names of all others
   */
  TorchParameters(ComputationGraphConfiguration configuration, String head, String prefix) {
    configuration
        .getVertices()
        .forEach(
            (name, vertex) -> {
              if (vertex instanceof LayerVertex layer) {
                add(
                    layer.getLayerConf().getLayer(),
                    name,
                    name.equals(head) ? name : prefix + name);
              }
            });
  }

  private void add(Layer layer, String vertex, String module) {
    for (String key : layer.initializer().paramKeys(layer)) {
      String name = NAMES.get(key);
      checkArgument(name != null, "PyTorch has no name for parameter '%s' of '%s'", key, vertex);
      parameters.add(
          new Parameter(
              module + "." + name, torchShape((FeedForwardLayer) layer, key), vertex, key));
    }
  }

  private static long[] torchShape(FeedForwardLayer layer, String key) {
    long out = layer.getNOut();
    return switch (key) {
      case "W" -> weightShape(layer);
      case "loc", "scale" -> new long[] {1, out, 1, 1};
      case "initialized" -> new long[0];
      default -> new long[] {out};
    };
  }

  private static long[] weightShape(FeedForwardLayer layer) {
    if (layer instanceof ConvolutionLayer convolution) {
      int[] kernel = convolution.getKernelSize();
      return new long[] {layer.getNOut(), layer.getNIn(), kernel[0], kernel[1]};
    }
    return new long[] {layer.getNOut(), layer.getNIn()};
  }

  /** Returns whether a parameter comes from this tensor. */
  boolean has(String tensor) {
    return parameters.stream().anyMatch(parameter -> parameter.tensor().equals(tensor));
  }

  /**
   * Checks that every tensor is present and has the right shape.
   *
   * @param owner the owner of the tensors in messages
   */
  void check(Map<String, Tensor> tensors, String owner) {
    for (Parameter parameter : parameters) {
      Tensor tensor = tensors.get(parameter.tensor());
      checkArgument(
          tensor != null,
          "%s: tensor '%s' of shape %s is missing",
          owner,
          parameter.tensor(),
          Arrays.toString(parameter.shape()));
      checkArgument(
          tensor.hasShape(parameter.shape()),
          "%s: tensor '%s' is of shape %s, expected %s",
          owner,
          parameter.tensor(),
          Arrays.toString(tensor.shape()),
          Arrays.toString(parameter.shape()));
    }
  }

  /** Copies checked tensors into a graph. */
  void copy(Map<String, Tensor> tensors, ComputationGraph graph) {
    for (Parameter parameter : parameters) {
      INDArray values = requireNonNull(tensors.get(parameter.tensor())).toINDArray();
      INDArray target = graph.getLayer(parameter.vertex()).getParam(parameter.key());
      INDArray ours = values.rank() == 2 ? values.transpose() : values.reshape(target.shape());
      target.assign(ours.castTo(target.dataType()));
    }
  }

  /** Copies a graph's parameters, under PyTorch's names and in its shapes. */
  Map<String, Tensor> tensors(ComputationGraph graph) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Parameter parameter : parameters) {
      INDArray values = graph.getLayer(parameter.vertex()).getParam(parameter.key());
      boolean dense = parameter.shape().length == 2;
      INDArray theirs = dense ? values.transpose() : values.reshape('c', parameter.shape());
      tensors.put(parameter.tensor(), Tensor.of(theirs));
    }
    return tensors;
  }
}
