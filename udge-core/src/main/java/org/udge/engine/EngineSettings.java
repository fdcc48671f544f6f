package org.udge.engine;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * Which engine runs a network, and how: for models that are built, for models that are loaded, and
 * for second engines beside a model's own.
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
   * The fastest engine that can run the network, in float32, with as many threads as the
   * environment says.
   *
   * @return the settings
   */
  public static EngineSettings ofDefaults() {
    return of(EngineChoice.AUTO);
  }

  /**
   * An engine in float32, with as many threads as the environment says.
   *
   * @param choice which engine
   * @return the settings
   */
  public static EngineSettings of(EngineChoice choice) {
    return new EngineSettings(choice, Precision.FLOAT32, OptionalInt.empty());
  }

  /**
   * These settings with another arithmetic of inner layers.
   *
   * @param arithmetic default {@link Precision#FLOAT32}
   * @return new settings
   */
  public EngineSettings withPrecision(Precision arithmetic) {
    return new EngineSettings(choice, arithmetic, threads);
  }

  /**
   * These settings with a number of threads for the oneDNN engine. The graph engine's threads are
   * ND4J's own.
   *
   * @param count at least 1; default: the environment variable {@code OMP_NUM_THREADS}, or all
   *     cores
   * @return new settings
   * @throws IllegalArgumentException if it is below 1
   */
  public EngineSettings withThreads(int count) {
    return new EngineSettings(choice, precision, OptionalInt.of(count));
  }

  /**
   * Which engine.
   *
   * @return default {@link EngineChoice#AUTO}
   */
  public EngineChoice choice() {
    return choice;
  }

  /**
   * Arithmetic of inner layers.
   *
   * @return default {@link Precision#FLOAT32}
   */
  public Precision precision() {
    return precision;
  }

  /**
   * Threads of the oneDNN engine.
   *
   * @return at least 1; empty for what the environment says
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
