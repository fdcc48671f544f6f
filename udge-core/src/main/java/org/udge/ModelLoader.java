package org.udge;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Path;
import org.udge.engine.EngineSettings;

/**
 * Reads model files: those of {@link EnergyModel#save}, and Deeplearning4j's own of a {@code
 * ComputationGraph} or {@code MultiLayerNetwork}.
 *
 * <p>Files may come from strangers. Of a file's content only the network's configuration, its
 * parameters and this library's description are read; nothing in it is run, no object of Java is
 * deserialized, and the configuration may name only the layers and other parts of networks that
 * come with Deeplearning4j and this library. A network with parts of your own needs to be told
 * which, as in this example.
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
 * <p>Not thread-safe; may be used for many files.
 */
public final class ModelLoader {

  private AllowedClasses allowed = AllowedClasses.defaults();
  private EngineSettings engine = EngineSettings.ofDefaults();

  ModelLoader() {}

  /**
   * Classes that a file may name beside those that are always allowed: layers, vertices,
   * preprocessors, activations, losses and other parts of networks that you wrote. They run when
   * the model is loaded and used.
   *
   * @param classes each exactly as it is named in the file; subclasses are not included
   * @return this
   */
  public ModelLoader allow(Class<?>... classes) {
    for (Class<?> one : classes) {
      allowed = allowed.with(one);
    }
    return this;
  }

  /**
   * Which engine runs the network, in which precision, with how many threads.
   *
   * @param settings default {@link EngineSettings#ofDefaults()}
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
   * @return the model; close it to free its engine
   * @throws IOException if the file is absent, damaged, foreign, of a newer format or not to be
   *     trusted; the message says which
   * @throws IllegalArgumentException if the engine cannot run the network or compute in that
   *     precision
   * @throws IllegalStateException if there is no ND4J backend, or not the engine that was asked for
   */
  public EnergyModel load(Path file) throws IOException {
    Backend.require();
    return ModelFile.read(file, allowed, engine);
  }
}
