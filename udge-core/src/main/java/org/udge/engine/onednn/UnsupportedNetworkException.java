package org.udge.engine.onednn;

/** The network has a layer that the oneDNN engine does not know. The message names it. */
public final class UnsupportedNetworkException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  /**
   * Names what cannot be run.
   *
   * @param layer the layer's or vertex's name
   * @param reason its type, and what about it is not supported
   */
  public UnsupportedNetworkException(String layer, String reason) {
    super("the onednn engine cannot run layer '" + layer + "': " + reason);
  }
}
