package org.udge.datasets;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.state.AtomicFiles;

/**
 * Images that are decoded once, on several threads, and then held as one byte per value: in memory,
 * or in a file that later runs reuse.
 *
 * <p>A value v reads as round((v + 1) 127.5) / 127.5 - 1, within [-1, 1]: the eight bits that most
 * image files have. An image therefore differs from that of the original source by at most 1/255,
 * and is the same in every epoch.
 */
public final class DecodedImages {

  private static final int CHUNK = 1024;

  private DecodedImages() {}

  /**
   * Decodes into memory.
   *
   * @param images the images; sources other than image files are copied too
   * @param threads how many decode, at least 1
   * @return the same images with the same labels
   * @throws IOException if an image cannot be read
   * @throws IllegalArgumentException if there is no thread, or the images take more than 2 GiB
   */
  public static ImageSource inMemory(ImageSource images, int threads) throws IOException {
    long size = (long) images.size() * images.shape().size();
    checkArgument(
        size <= Integer.MAX_VALUE - 8,
        "%s takes %s bytes decoded, more than 2 GiB: use a file",
        images.name(),
        size);
    byte[] bytes = new byte[(int) size];
    decode(images, 0, images.size(), bytes, threads);
    return ByteImages.of(
        images.name(), images.shape(), images.classNames(), bytes, Labels.of(images));
  }

  /**
   * Decodes into a file of raw records, or reuses the file that an earlier call has written for the
   * same image files (names, lengths, modification times), shape and order. Images are read from
   * the file on demand; few are in memory at a time.
   *
   * @param images the images
   * @param folder the folder of the file; created if missing
   * @param threads how many decode, at least 1
   * @return the same images with the same labels
   * @throws IOException if an image cannot be read, or the file cannot be written
   * @throws IllegalArgumentException if there is no thread
   */
  public static ImageSource cached(ImageFiles images, Path folder, int threads) throws IOException {
    ImageShape shape = images.shape();
    String name =
        images.name().replaceAll("[^\\w.-]", "_") + "-" + shape + "-" + fingerprint(images) + ".u8";
    Path file = folder.resolve(name);
    long size = (long) images.size() * shape.size();
    if (!Files.isRegularFile(file) || Files.size(file) != size) {
      AtomicFiles.write(file, temporary -> write(images, temporary, threads));
    }
    return RecordLayout.of(shape)
        .open(images.name(), List.of(file))
        .withLabels(images.classNames(), Labels.of(images));
  }

  private static void write(ImageSource images, Path file, int threads) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      byte[] chunk = new byte[Math.multiplyExact(CHUNK, images.shape().size())];
      for (int first = 0; first < images.size(); first += CHUNK) {
        int count = Math.min(CHUNK, images.size() - first);
        decode(images, first, count, chunk, threads);
        out.write(chunk, 0, count * images.shape().size());
      }
    }
  }

  private static String fingerprint(ImageFiles images) throws IOException {
    Hasher hasher = Hashing.sha256().newHasher().putInt(images.size());
    for (int i = 0; i < images.size(); i++) {
      hasher.putString(images.fingerprint(i) + '\n', StandardCharsets.UTF_8);
    }
    return hasher.hash().toString().substring(0, 16);
  }

  private static void decode(ImageSource images, int first, int count, byte[] target, int threads)
      throws IOException {
    checkArgument(threads > 0, "threads must be at least 1, was %s", threads);
    int size = images.shape().size();
    ForkJoinPool pool = new ForkJoinPool(threads);
    try {
      pool.submit(
              () ->
                  IntStream.range(0, count)
                      .parallel()
                      .forEach(
                          i -> {
                            float[] pixels = new float[size];
                            images.read(first + i, pixels, 0);
                            for (int k = 0; k < size; k++) {
                              target[i * size + k] = toByte(pixels[k]);
                            }
                          }))
          .get();
    } catch (ExecutionException e) {
      Throwable cause = e;
      Throwable next = e.getCause();
      while (next != null && !(cause instanceof UncheckedIOException)) {
        cause = next;
        next = next.getCause();
      }
      throw new IOException(cause.getMessage() == null ? cause.toString() : cause.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while images of " + images.name() + " were decoded", e);
    } finally {
      pool.shutdown();
    }
  }

  static byte toByte(float value) {
    return (byte) Math.max(0, Math.min(255, Math.round((value + 1) * 127.5f)));
  }
}
