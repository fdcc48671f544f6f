package org.udge.engine;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * The settings of the engine that runs a network: for models that are built or loaded, and for
 * additional engines of an existing model.
 *
 * <pre>{@code
 * EngineSettings exact = EngineSettings.of(EngineChoice.ONEDNN).withThreads(4);
 * EngineSettings rough = exact.withPrecision(Precision.BFLOAT16);
 * }</pre>
 *
 * <p>Immutable and thread-safe. Equal settings are equal objects.
 */
public final class EngineSettings {

  private final EngineChoice choice;
  private final Precision precision;
  private final OptionalInt threads;

  private EngineSettings(EngineChoice choice, Precision precision, OptionalInt threads) {
    threads.ifPresent(
        count -> checkArgument(count > 0, "threads must be at least 1, was %s", count));
    this.choice = requireNonNull(choice, "choice");
    this.precision = requireNonNull(precision, "precision");
    this.threads = threads;
  }

  /**
   * Returns the default settings: the fastest engine that can run the network, in float32, with the
   * number of threads given by the environment.
   *
   * @return the settings
   */
  public static EngineSettings ofDefaults() {
    return of(EngineChoice.AUTO);
  }

  /**
   * Returns settings for an engine in float32, with the number of threads given by the environment.
   *
   * @param choice the engine
   * @return the settings
   */
  public static EngineSettings of(EngineChoice choice) {
    return new EngineSettings(choice, Precision.FLOAT32, OptionalInt.empty());
  }

  /**
   * Returns a copy of these settings with another arithmetic precision of inner layers.
   *
   * @param arithmetic the precision; default {@link Precision#FLOAT32}
   * @return new settings
   */
  public EngineSettings withPrecision(Precision arithmetic) {
    return new EngineSettings(choice, arithmetic, threads);
  }

  /**
   * Returns a copy of these settings with the given number of threads for the oneDNN engine. The
   * graph engine uses ND4J's own threads.
   *
   * @param count the number of threads, at least 1; default: the value of the environment variable
   *     {@code OMP_NUM_THREADS}, or, if that is not set, all cores
   * @return new settings
   * @throws IllegalArgumentException if it is below 1
   */
  public EngineSettings withThreads(int count) {
    return new EngineSettings(choice, precision, OptionalInt.of(count));
  }

  /**
   * Returns the engine to use.
   *
   * @return the engine; default {@link EngineChoice#AUTO}
   */
  public EngineChoice choice() {
    return choice;
  }

  /**
   * Returns the arithmetic precision of inner layers.
   *
   * @return the precision; default {@link Precision#FLOAT32}
   */
  public Precision precision() {
    return precision;
  }

  /**
   * Returns the number of threads of the oneDNN engine.
   *
   * @return the number of threads, at least 1; empty if it is given by the environment
   */
  public OptionalInt threads() {
    return threads;
  }

  private List<Object> values() {
    return List.of(choice, precision, threads);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EngineSettings that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "EngineSettings[choice=%s, precision=%s, threads=%s]", values().toArray());
  }
}
