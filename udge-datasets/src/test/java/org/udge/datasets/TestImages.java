package org.udge.datasets;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/** Generated images and record files. */
final class TestImages {

  private TestImages() {}

  static byte[] randomBytes(int count, long seed) {
    RandomStream random = RandomStreams.of(seed).stream("bytes");
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  /** CIFAR-shaped random images; image i is of class i modulo the number of classes. */
  static ImageSource random(int count, int classes) {
    List<String> names =
        java.util.stream.IntStream.range(0, classes).mapToObj(i -> "c" + i).toList();
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % classes;
    }
    return ByteImages.of("random", ImageShape.CIFAR, names, randomBytes(count * 3072, 1), labels);
  }

  /** Tiny images of one channel in which every pixel tells the image's index. */
  static ImageSource numbered(int count) {
    byte[] bytes = new byte[count * 4];
    int[] labels = new int[count];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i / 4);
    }
    for (int i = 0; i < count; i++) {
      labels[i] = i % 2;
    }
    return ByteImages.of(
        "numbered", new ImageShape(1, 2, 2), List.of("even", "odd"), bytes, labels);
  }

  /** The index of an image of {@link #numbered}, from its first pixel. */
  static int number(float pixel) {
    return Math.round((pixel + 1) * 127.5f);
  }

  /** A file of records with the given label bytes before random pixels. */
  static Path records(Path file, int... labelBytesOfEachRecord) throws IOException {
    return recordsOf(file, 1, labelBytesOfEachRecord);
  }

  /** A file of records, {@code labelBytes} labels each. */
  static Path recordsOf(Path file, int labelBytes, int... labels) throws IOException {
    int count = labels.length / labelBytes;
    int size = labelBytes + 3072;
    byte[] bytes = randomBytes(count * size, file.getFileName().toString().hashCode());
    for (int i = 0; i < labels.length; i++) {
      bytes[i / labelBytes * size + i % labelBytes] = (byte) labels[i];
    }
    return Files.write(file, bytes);
  }

  static float[] pixels(ImageSource source, int index) {
    float[] pixels = new float[source.shape().size()];
    source.read(index, pixels, 0);
    return pixels;
  }
}
