package org.udge.engine;

/** Thrown if a network has a layer that an engine does not support. The message names both. */
public final class UnsupportedNetworkException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception that names the unsupported layer.
   *
   * @param engine the engine's {@linkplain Engine#name() name}
   * @param layer the layer's or vertex's name
   * @param reason the type of the layer, and which of its features is not supported
   */
  public UnsupportedNetworkException(String engine, String layer, String reason) {
    super("the " + engine + " engine cannot run layer '" + layer + "': " + reason);
  }
}
