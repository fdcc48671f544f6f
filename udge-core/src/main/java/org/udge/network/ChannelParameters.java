package org.udge.network;

import static java.util.Objects.requireNonNull;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Divides a flat array into the parameters of a normalization, which are initialized to constants.
 * None of them is treated as a weight or a bias, so none is subject to weight decay, as in batch
 * normalization.
 */
final class ChannelParameters implements ParamInitializer {

  /**
   * A parameter.
   *
   * @param name the key
   * @param perChannel true for one number per channel, false for a single number
   * @param initial the initial value
   */
  record Parameter(String name, boolean perChannel, double initial) {}

  private final List<Parameter> parameters;

  ChannelParameters(Parameter... parameters) {
    this.parameters = List.of(parameters);
  }

  @Override
  public long numParams(NeuralNetConfiguration configuration) {
    return numParams(configuration.getLayer());
  }

  @Override
  public long numParams(Layer layer) {
    return parameters.stream().mapToLong(parameter -> length(parameter, layer)).sum();
  }

  private static long length(Parameter parameter, Layer layer) {
    return parameter.perChannel() ? ((FeedForwardLayer) layer).getNOut() : 1;
  }

  @Override
  public List<String> paramKeys(Layer layer) {
    return parameters.stream().map(Parameter::name).toList();
  }

  @Override
  public List<String> weightKeys(Layer layer) {
    return List.of();
  }

  @Override
  public List<String> biasKeys(Layer layer) {
    return List.of();
  }

  @Override
  public boolean isWeightParam(Layer layer, String key) {
    return false;
  }

  @Override
  public boolean isBiasParam(Layer layer, String key) {
    return false;
  }

  @Override
  public Map<String, INDArray> init(
      NeuralNetConfiguration configuration, INDArray flat, boolean initialize) {
    Map<String, INDArray> views = cut(configuration.getLayer(), flat);
    for (Parameter parameter : parameters) {
      configuration.addVariable(parameter.name());
      if (initialize) {
        requireNonNull(views.get(parameter.name())).assign(parameter.initial());
      }
    }
    return views;
  }

  @Override
  public Map<String, INDArray> getGradientsFromFlattened(
      NeuralNetConfiguration configuration, INDArray flat) {
    return cut(configuration.getLayer(), flat);
  }

  private Map<String, INDArray> cut(Layer layer, INDArray flat) {
    INDArray row = flat.reshape(flat.length());
    Map<String, INDArray> views = new LinkedHashMap<>();
    long start = 0;
    for (Parameter parameter : parameters) {
      long end = start + length(parameter, layer);
      views.put(parameter.name(), row.get(interval(start, end)));
      start = end;
    }
    return views;
  }
}
