package org.udge;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.udge.data.ImageShape;
import org.udge.engine.Engine;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.engine.Precision;
import org.udge.engine.UnsupportedNetworkException;
import org.udge.engine.graph.GraphEngine;
import org.udge.engine.onednn.OneDnnEngine;
import org.udge.engine.onednn.OneDnnOptions;

/**
 * Creates engines for graphs. Models choose theirs through it; use it to run a graph on a second
 * engine beside its model's, for example one of lower precision that draws samples. Thread-safe.
 */
public final class Engines {

  private static final Logger LOG = LoggerFactory.getLogger(Engines.class);

  private Engines() {}

  /**
   * Creates an engine.
   *
   * @param graph an initialized classifier
   * @param settings engine, precision and threads; {@link EngineChoice#AUTO} selects oneDNN where
   *     the CPU, the class path and the network allow it, and otherwise the graph engine, with a
   *     one-line warning
   * @return an engine, to be closed by the caller
   * @throws IllegalArgumentException if the graph's parameters are not float32, or the engine
   *     cannot compute in that precision or cannot run the network (an {@link
   *     UnsupportedNetworkException})
   * @throws IllegalStateException if oneDNN was requested and is not available
   */
  public static Engine create(ComputationGraph graph, EngineSettings settings) {
    return create(graph, settings, Optional.empty());
  }

  /**
   * Creates an engine for images of one size; it also accepts other sizes that fit the network.
   *
   * @param graph an initialized classifier
   * @param settings as in {@link #create(ComputationGraph, EngineSettings)}
   * @param images shape of the expected images; {@link EngineChoice#AUTO} selects the graph engine
   *     if oneDNN cannot run the network for them
   * @return an engine, to be closed
   * @throws IllegalArgumentException if the graph's parameters are not float32, or that engine
   *     cannot compute in that precision or cannot run the network (an {@link
   *     UnsupportedNetworkException}), or images of this size do not fit
   * @throws IllegalStateException if oneDNN was asked for and is not there
   */
  public static Engine create(ComputationGraph graph, EngineSettings settings, ImageShape images) {
    return create(graph, settings, Optional.of(images));
  }

  static Engine create(
      ComputationGraph graph, EngineSettings settings, Optional<ImageShape> images) {
    GraphInspection.requireFloat32(graph);
    EngineChoice choice = settings.choice();
    if (choice == EngineChoice.GRAPH) {
      return graphEngine(graph, settings.precision());
    }
    Optional<String> problem = unavailable();
    if (problem.isEmpty()) {
      try {
        OneDnnOptions options = options(settings);
        return images.isPresent()
            ? OneDnnEngine.compile(graph, options, images.get())
            : OneDnnEngine.compile(graph, options);
      } catch (UnsupportedNetworkException e) {
        if (choice == EngineChoice.ONEDNN) {
          throw e;
        }
        problem = Optional.of(requireNonNull(e.getMessage()));
      }
    }
    checkState(choice != EngineChoice.ONEDNN, "engine onednn cannot run: %s", problem.get());
    LOG.warn("using the slower graph engine: {}", problem.get());
    return graphEngine(graph, settings.precision());
  }

  private static OneDnnOptions options(EngineSettings settings) {
    OneDnnOptions options = OneDnnOptions.ofDefaults().withPrecision(settings.precision());
    return settings.threads().isPresent()
        ? options.withThreads(settings.threads().getAsInt())
        : options;
  }

  private static Optional<String> unavailable() {
    boolean cpu =
        "CPU"
            .equalsIgnoreCase(
                Nd4j.getExecutioner().getEnvironmentInformation().getProperty("backend"));
    return cpu
        ? OneDnnEngine.availability()
        : Optional.of("ND4J's backend is not the CPU's, and oneDNN runs on CPUs only");
  }

  private static Engine graphEngine(ComputationGraph graph, Precision precision) {
    checkArgument(
        precision == Precision.FLOAT32, "the graph engine computes in FLOAT32, not %s", precision);
    return GraphEngine.of(graph);
  }
}
