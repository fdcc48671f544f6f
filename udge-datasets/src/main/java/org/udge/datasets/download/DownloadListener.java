package org.udge.datasets.download;

/** Receives the progress of a download, on the downloading thread. */
public interface DownloadListener {

  /**
   * Called after bytes have been received.
   *
   * @param file the file
   * @param done bytes of it received so far
   */
  default void onBytes(RemoteFile file, long done) {}

  /**
   * Called when a step begins, or when something failed that will be retried.
   *
   * @param message a description in one line
   */
  default void onMessage(String message) {}

  /**
   * A listener that does nothing.
   *
   * @return a listener that ignores everything
   */
  static DownloadListener none() {
    return new DownloadListener() {};
  }
}
