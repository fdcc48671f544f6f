package org.udge;

import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.databind.JavaType;
import org.nd4j.shade.jackson.databind.JsonMappingException;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.cfg.MapperConfig;
import org.nd4j.shade.jackson.databind.exc.InvalidTypeIdException;
import org.nd4j.shade.jackson.databind.jsontype.PolymorphicTypeValidator;

/**
 * Reads a network's configuration from JSON with Deeplearning4j's own mappers, behind two guards:
 * {@link ConfigurationScan} has checked the whole text first, and the mappers ask {@link
 * AllowedClasses} again for every class that they are about to load, wherever and in whatever form
 * its name occurs.
 */
final class ConfigurationReader {

  private ConfigurationReader() {}

  /** A configuration of either kind of network. {@link #network} allocates the parameters. */
  record Network(
      Optional<ComputationGraphConfiguration> graph, Optional<MultiLayerConfiguration> layers) {

    /** Returns the number of parameters of a network with this configuration. */
    long parameters() {
      long sum = 0;
      if (graph.isPresent()) {
        for (GraphVertex vertex : graph.get().getVertices().values()) {
          sum = Math.addExact(sum, notNegative(vertex.numParams(true)));
        }
      } else {
        for (NeuralNetConfiguration configuration : layers.orElseThrow().getConfs()) {
          Layer layer = configuration.getLayer();
          sum = Math.addExact(sum, notNegative(layer.initializer().numParams(layer)));
        }
      }
      return sum;
    }

    private static long notNegative(long count) {
      checkArgument(count >= 0, "a layer has %s parameters", count);
      return count;
    }

    /** Returns a network that uses the given parameter array itself. */
    ComputationGraph network(INDArray parameters) {
      DataType type = parameters.dataType();
      if (graph.isPresent()) {
        graph.get().setDataType(type);
        ComputationGraph network = new ComputationGraph(graph.get());
        network.init(parameters, false);
        return network;
      }
      MultiLayerConfiguration stack = layers.orElseThrow();
      stack.setDataType(type);
      MultiLayerNetwork network = new MultiLayerNetwork(stack);
      network.init(parameters, false);
      return network.toComputationGraph();
    }
  }

  /**
   * Reads a configuration.
   *
   * @throws IOException if it is not a configuration
   * @throws IllegalArgumentException if it is refused; the message states why
   */
  static Network read(String json, AllowedClasses allowed) throws IOException {
    Set<String> names = ConfigurationScan.run(json, allowed);
    if (names.contains("vertices")) {
      ComputationGraphConfiguration graph = map(json, ComputationGraphConfiguration.class, allowed);
      checkArgument(
          graph.getNetworkInputs() != null && graph.getNetworkOutputs() != null,
          "it has no inputs or no outputs");
      return new Network(Optional.of(graph), Optional.empty());
    }
    checkArgument(names.contains("confs"), "it has neither vertices nor layers");
    return new Network(
        Optional.empty(), Optional.of(map(json, MultiLayerConfiguration.class, allowed)));
  }

  private static <T> T map(String json, Class<T> type, AllowedClasses allowed) throws IOException {
    try {
      return mapper(allowed).readValue(json, type);
    } catch (InvalidTypeIdException e) {
      // Before 1.0.0-beta, layers and vertices had names from a fixed list instead of classes.
      return guarded(JsonMappers.getLegacyMapper(), allowed).readValue(json, type);
    }
  }

  private static ObjectMapper mapper(AllowedClasses allowed) {
    return allowed.equals(AllowedClasses.defaults())
        ? Default.MAPPER
        : guarded(JsonMappers.getMapper(), allowed);
  }

  private static ObjectMapper guarded(ObjectMapper mapper, AllowedClasses allowed) {
    ObjectMapper copy = mapper.copy();
    copy.setPolymorphicTypeValidator(new Guard(allowed));
    return copy;
  }

  /** Holds the mapper, which is slow the first time it encounters a class. */
  private static final class Default {
    static final ObjectMapper MAPPER = guarded(JsonMappers.getMapper(), AllowedClasses.defaults());
  }

  /** Consulted by the mapper before it loads a class. */
  private static final class Guard extends PolymorphicTypeValidator {

    private static final long serialVersionUID = 1L;

    private final transient AllowedClasses allowed;

    Guard(AllowedClasses allowed) {
      this.allowed = allowed;
    }

    @Override
    public Validity validateBaseType(MapperConfig<?> config, JavaType baseType) {
      return Validity.INDETERMINATE;
    }

    @Override
    public Validity validateSubClassName(
        MapperConfig<?> config, JavaType baseType, String subClassName)
        throws JsonMappingException {
      if (!allowed.contains(subClassName)) {
        throw new JsonMappingException(null, AllowedClasses.refusal(subClassName));
      }
      return Validity.ALLOWED;
    }

    @Override
    public Validity validateSubType(MapperConfig<?> config, JavaType baseType, JavaType subType) {
      return Validity.DENIED;
    }
  }
}
