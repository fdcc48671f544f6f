package org.udge;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Path;
import org.udge.engine.EngineSettings;

/**
 * Reads model files: those of {@link EnergyModel#save}, and Deeplearning4j's own of a {@code
 * ComputationGraph} or {@code MultiLayerNetwork}.
 *
 * <p>Files may come from untrusted sources. Only the network's configuration, its parameters and
 * this library's metadata are read; nothing in the file is executed, no Java object is
 * deserialized, and the configuration may name only layers and other network parts that come with
 * Deeplearning4j and this library. Custom parts must be allowed explicitly, as in this example.
 *
 * <pre>{@code
 * class Doubling extends org.deeplearning4j.nn.conf.layers.ActivationLayer {}
 *
 * class Reading {
 *   EnergyModel read(Path file) throws IOException {
 *     return EnergyModel.loader().allow(Doubling.class).load(file);
 *   }
 * }
 * }</pre>
 *
 * <p>Not thread-safe; a loader can load any number of files.
 */
public final class ModelLoader {

  private AllowedClasses allowed = AllowedClasses.defaults();
  private EngineSettings engine = EngineSettings.ofDefaults();

  ModelLoader() {}

  /**
   * Allows a file to name further classes: layers, vertices, preprocessors, activations, losses and
   * other custom network parts. Their code runs when the model is loaded and used.
   *
   * @param classes the classes, exactly as they are named in the file; subclasses are not included
   * @return this
   */
  public ModelLoader allow(Class<?>... classes) {
    for (Class<?> one : classes) {
      allowed = allowed.with(one);
    }
    return this;
  }

  /**
   * Sets the engine that runs the network, its precision and its number of threads.
   *
   * @param settings the settings; default {@link EngineSettings#ofDefaults()}
   * @return this
   */
  public ModelLoader engine(EngineSettings settings) {
    engine = requireNonNull(settings);
    return this;
  }

  /**
   * Reads a model.
   *
   * @param file the model file
   * @return the model; close it to release its engine
   * @throws IOException if the file is absent, damaged, not a model, of a newer format or not to be
   *     trusted; the message states which
   * @throws IllegalArgumentException if the engine cannot run the network or compute in that
   *     precision
   * @throws IllegalStateException if there is no ND4J backend, or the requested engine is not
   *     available
   */
  public EnergyModel load(Path file) throws IOException {
    Backend.require();
    return ModelFile.read(file, allowed, engine);
  }
}
