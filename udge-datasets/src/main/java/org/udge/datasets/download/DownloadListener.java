package org.udge.datasets.download;

/** Hears how a download goes on, on the thread that downloads. */
public interface DownloadListener {

  /**
   * Some bytes have come.
   *
   * @param file which file
   * @param done bytes of it that are here
   */
  default void onBytes(RemoteFile file, long done) {}

  /**
   * A step begins or something went wrong that is tried again.
   *
   * @param message what, in one line
   */
  default void onMessage(String message) {}

  /**
   * Says nothing.
   *
   * @return a listener that ignores everything
   */
  static DownloadListener none() {
    return new DownloadListener() {};
  }
}
