package org.udge;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.engine.Engine;

/**
 * The origin of a model or a result: versions, machine, engine, and any entries that the caller
 * adds.
 *
 * @param entries names and values, in order
 */
public record Provenance(Map<String, String> entries) {

  /**
   * Copies the entries.
   *
   * @param entries names and values, in order
   */
  public Provenance {
    entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
  }

  /**
   * Captures the properties of this process and an engine: {@code version}, {@code java}, {@code
   * os}, {@code backend}, {@code engine}, {@code precision}, {@code threads}.
   *
   * @param engine the engine that computes
   * @return the provenance
   */
  public static Provenance capture(Engine engine) {
    Map<String, String> entries = new LinkedHashMap<>(ofProcess().entries);
    entries.put("engine", engine.name());
    entries.put("precision", engine.precision().name().toLowerCase(Locale.ROOT));
    entries.put("threads", Integer.toString(engine.threads()));
    return new Provenance(entries);
  }

  /**
   * Captures the properties of this process alone: {@code version}, {@code java}, {@code os},
   * {@code backend}.
   *
   * @return the provenance
   */
  public static Provenance ofProcess() {
    Map<String, String> entries = new LinkedHashMap<>();
    entries.put("version", version());
    entries.put("java", System.getProperty("java.version"));
    entries.put(
        "os",
        String.join(
            " ",
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("os.arch")));
    entries.put("backend", Nd4j.getBackend().getClass().getSimpleName());
    return new Provenance(entries);
  }

  /**
   * Returns a copy of this provenance with one more entry.
   *
   * @param name the name of the entry, for example {@code git} or {@code data/cifar10}
   * @param value its value
   * @return a new provenance
   */
  public Provenance with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(entries);
    more.put(name, value);
    return new Provenance(more);
  }

  /**
   * Returns the version of this library.
   *
   * @return the version from its jar's manifest, or "development" when run from classes
   */
  public static String version() {
    String version = Provenance.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
