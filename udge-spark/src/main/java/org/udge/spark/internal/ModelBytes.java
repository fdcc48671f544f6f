package org.udge.spark.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.udge.EnergyModel;
import org.udge.ModelLoader;

/**
 * Model files as bytes, for sending. Models are written to and read from local files only; the
 * temporary file is deleted at once.
 */
public final class ModelBytes {

  private ModelBytes() {}

  /**
   * The bytes of a model's file.
   *
   * @param model the model
   * @return what {@link EnergyModel#save} writes
   * @throws IOException if the temporary file cannot be written
   */
  public static byte[] of(EnergyModel model) throws IOException {
    Path file = temporary();
    try {
      model.save(file);
      return Files.readAllBytes(file);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /**
   * Opens a model.
   *
   * @param name the name of the file in messages, instead of the temporary one
   * @param content its bytes
   * @param loader the engine, and the classes it may name
   * @return the model; close it to free its engine
   * @throws IOException if the bytes are not those of a model, or the temporary file cannot be
   *     written
   */
  public static EnergyModel open(String name, byte[] content, ModelLoader loader)
      throws IOException {
    Path file = temporary();
    try {
      Files.write(file, content);
      return loader.load(file);
    } catch (IOException e) {
      throw new IOException(String.valueOf(e.getMessage()).replace(file.toString(), name), e);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static Path temporary() throws IOException {
    return Files.createTempFile("udge-model-", ".zip");
  }
}
