package org.udge;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.udge.internal.Texts;

/**
 * The classes that a model file may name. Deeplearning4j instantiates the parts of a network from
 * class names in the file; the names are checked here before any class is loaded, because loading a
 * class can already run its code.
 *
 * <p>Immutable.
 */
final class AllowedClasses {

  /**
   * The packages, without their subpackages, that contain the network parts of Deeplearning4j, ND4J
   * and this library.
   */
  private static final Set<String> PACKAGES =
      Set.of(
          "org.deeplearning4j.nn.conf.constraint",
          "org.deeplearning4j.nn.conf.distribution",
          "org.deeplearning4j.nn.conf.dropout",
          "org.deeplearning4j.nn.conf.graph",
          "org.deeplearning4j.nn.conf.graph.rnn",
          "org.deeplearning4j.nn.conf.inputs",
          "org.deeplearning4j.nn.conf.layers",
          "org.deeplearning4j.nn.conf.layers.convolutional",
          "org.deeplearning4j.nn.conf.layers.misc",
          "org.deeplearning4j.nn.conf.layers.objdetect",
          "org.deeplearning4j.nn.conf.layers.recurrent",
          "org.deeplearning4j.nn.conf.layers.samediff",
          "org.deeplearning4j.nn.conf.layers.util",
          "org.deeplearning4j.nn.conf.layers.variational",
          "org.deeplearning4j.nn.conf.layers.wrapper",
          "org.deeplearning4j.nn.conf.ocnn",
          "org.deeplearning4j.nn.conf.preprocessor",
          "org.deeplearning4j.nn.conf.weightnoise",
          "org.deeplearning4j.nn.modelimport.keras.preprocessors",
          "org.deeplearning4j.nn.weights",
          "org.deeplearning4j.nn.weights.embeddings",
          "org.nd4j.linalg.activations.impl",
          "org.nd4j.linalg.learning.config",
          "org.nd4j.linalg.learning.regularization",
          "org.nd4j.linalg.lossfunctions.impl",
          "org.nd4j.linalg.schedule",
          "org.udge.network");

  /** A plain name: no arrays and no type arguments, which are names themselves. */
  private static final Pattern NAME = Pattern.compile("[\\p{Alnum}_$.]{1,200}");

  private static final AllowedClasses DEFAULTS = new AllowedClasses(Set.of());

  private final Set<String> more;

  private AllowedClasses(Set<String> more) {
    this.more = more;
  }

  /** Returns the network parts that come with Deeplearning4j, ND4J and this library. */
  static AllowedClasses defaults() {
    return DEFAULTS;
  }

  /** Returns a copy that also allows the given class. */
  AllowedClasses with(Class<?> allowed) {
    Set<String> names = new LinkedHashSet<>(more);
    names.add(allowed.getName());
    return new AllowedClasses(Set.copyOf(names));
  }

  boolean contains(String name) {
    int dot = name.lastIndexOf('.');
    return more.contains(name)
        || (dot > 0 && NAME.matcher(name).matches() && PACKAGES.contains(name.substring(0, dot)));
  }

  /** Returns why a name is refused, and what to do about it. */
  static String refusal(String name) {
    String shown = Texts.shorten(name);
    return "it names the class "
        + shown
        + ", which is not part of a network of Deeplearning4j or of this library. If you trust the"
        + " file and the class is yours, allow it: EnergyModel.loader().allow("
        + shown.substring(shown.lastIndexOf('.') + 1).replace('$', '.')
        + ".class).load(file)";
  }
}
