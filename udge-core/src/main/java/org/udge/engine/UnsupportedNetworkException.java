package org.udge.engine;

/** The network has a layer that an engine does not know. The message names both. */
public final class UnsupportedNetworkException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  /**
   * Names what cannot be run.
   *
   * @param engine the engine's {@linkplain Engine#name() name}
   * @param layer the layer's or vertex's name
   * @param reason its type, and what about it is not supported
   */
  public UnsupportedNetworkException(String engine, String layer, String reason) {
    super("the " + engine + " engine cannot run layer '" + layer + "': " + reason);
  }
}
