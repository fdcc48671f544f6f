package org.udge.interop;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.udge.state.AtomicFiles;

/** Writes several NumPy arrays into one file, as {@code numpy.savez} does. Thread-safe. */
public final class NpzFile {

  /** The name of the entry with the metadata. */
  public static final String METADATA = "metadata.json";

  /** The earliest time in a zip file: equal content yields equal bytes. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private NpzFile() {}

  /**
   * Writes a file. {@code numpy.load} returns the arrays by name and, unless there is no metadata,
   * the metadata as the bytes of a JSON object under {@link #METADATA}.
   *
   * @param file the file to write; replaced if it exists; appears only once it is complete
   * @param tensors the tensors by name, of any type but BFLOAT16, which NumPy lacks
   * @param metadata strings by name
   * @throws IOException if the file cannot be written
   * @throws IllegalArgumentException if a tensor is of type BFLOAT16
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    AtomicFiles.write(
        file,
        temporary -> {
          try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(temporary))) {
            for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
              Tensor tensor = entry.getValue();
              put(
                  zip,
                  entry.getKey() + ".npy",
                  NpyHeader.write(tensor.type(), tensor.shape()),
                  tensor.toLittleEndianBytes());
            }
            if (!metadata.isEmpty()) {
              put(zip, METADATA, new ObjectMapper().writeValueAsBytes(metadata));
            }
          }
        });
  }

  /** Writes an entry without compression: weights hardly compress, and NumPy can map them. */
  private static void put(ZipOutputStream zip, String name, byte[]... parts) throws IOException {
    CRC32 checksum = new CRC32();
    long size = 0;
    for (byte[] part : parts) {
      checksum.update(part);
      size += part.length;
    }
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setTimeLocal(TIME);
    entry.setSize(size);
    entry.setCrc(checksum.getValue());
    zip.putNextEntry(entry);
    for (byte[] part : parts) {
      zip.write(part);
    }
    zip.closeEntry();
  }
}
