package org.udge.spark.data;

import java.io.IOException;
import java.io.Serializable;
import org.udge.data.ImageSource;

/**
 * Opens the same images in every process of a cluster: a folder on shared storage, or files at the
 * same path on every machine. It is sent to the executors by Java serialization, so lambdas may
 * capture only serializable values.
 */
@FunctionalInterface
public interface ImageSourceFactory extends Serializable {

  /**
   * Opens the images.
   *
   * @return a source with the same images in the same order wherever it is opened
   * @throws IOException if they cannot be read there
   */
  ImageSource open() throws IOException;
}
