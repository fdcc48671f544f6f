package org.udge.datasets.formats;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.udge.data.ImageShape;

/**
 * Decodes PNG, JPEG, GIF (its first frame), BMP and WebP into pixels of a target shape.
 *
 * <p><b>Shape.</b> The largest centered region of the target aspect ratio is cropped and resized
 * (bilinear; when reduced, each pixel is a mean over the area that it covers). Three channels are
 * red, green, blue; one channel is the luminance 0.299 R + 0.587 G + 0.114 B.
 *
 * <p><b>Color.</b> Gray of 1 to 16 bits, palettes, RGB of 8 or 16 bits, CMYK and YCCK JPEGs. Stored
 * numbers are used without conversion: embedded color profiles are not applied, transparent pixels
 * show their color, and EXIF orientation is ignored.
 *
 * <p><b>Limits.</b> The dimensions are read and compared with a limit before anything is decoded.
 * An image of more than 4 million pixels is subsampled while it is read (every second, third, ...
 * row and column), as far as the target shape allows, so that no more than that many are in memory.
 *
 * <p>Immutable and thread-safe.
 */
public final class ImageDecoder {

  /** Suffixes of image files, not case-sensitive. */
  public static final List<String> SUFFIXES =
      List.of(".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp");

  /** The default of {@link #withMaxPixels}: 67,108,864 pixels. */
  public static final long DEFAULT_MAX_PIXELS = 1L << 26;

  /** The maximum size of an image file: 256 MiB. */
  public static final long MAX_FILE_BYTES = 1L << 28;

  private static final long HELD_PIXELS = 1L << 22;
  private static final int LONGEST_SIDE = 1 << 16;
  private static final int BMP_SIZE_FIELD = 34;

  /** The WebP reader decodes the whole image into memory in any case. */
  private static final int WEBP_PIXELS = 1 << 16;

  /** The maximum number of pixels per byte of the file for large WebP images. */
  private static final int WEBP_RATIO = 512;

  private static final int WEBP_SECONDS = 20;

  private final long maxPixels;

  private ImageDecoder(long maxPixels) {
    this.maxPixels = maxPixels;
  }

  /**
   * Returns a decoder with the limits above.
   *
   * @return the decoder
   */
  public static ImageDecoder ofDefaults() {
    return new ImageDecoder(DEFAULT_MAX_PIXELS);
  }

  /**
   * A copy with another limit.
   *
   * @param maxPixels the maximum of width times height, at least 1; larger images are refused
   * @return the copy
   * @throws IllegalArgumentException if the limit is below 1
   */
  public ImageDecoder withMaxPixels(long maxPixels) {
    checkArgument(maxPixels > 0, "max pixels must be at least 1, was %s", maxPixels);
    return new ImageDecoder(maxPixels);
  }

  /**
   * The limit of an image's size.
   *
   * @return the maximum of width times height
   */
  public long maxPixels() {
    return maxPixels;
  }

  /**
   * Whether a file's name has the suffix of an image.
   *
   * @param name the name of a file
   * @return whether it ends in one of {@link #SUFFIXES}
   */
  public static boolean isImage(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return SUFFIXES.stream().anyMatch(lower::endsWith);
  }

  /**
   * Decodes a file.
   *
   * @param file the image file
   * @param shape the target shape, with 1 or 3 channels
   * @param target receives pixels in [-1, 1] in the order channel, row, column
   * @param offset start index in the target
   * @throws IOException if the file cannot be read, is damaged, of another format, or beyond a
   *     limit; the message names it
   * @throws IllegalArgumentException if the number of channels is neither 1 nor 3
   */
  public void decode(Path file, ImageShape shape, float[] target, int offset) throws IOException {
    decode(readFile(file), file.toString(), shape, target, offset);
  }

  static byte[] readFile(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString(), null, "expected an image file");
    }
    long size = Files.size(file);
    if (size > MAX_FILE_BYTES) {
      throw tooLong(file.toString(), size);
    }
    return Files.readAllBytes(file);
  }

  static IOException tooLong(String name, long size) {
    return new IOException(
        String.format(
            Locale.ROOT,
            "cannot read the image %s: it has %,d bytes, expected at most %,d",
            name,
            size,
            MAX_FILE_BYTES));
  }

  /**
   * Decodes the bytes of a file.
   *
   * @param file the complete bytes of an image file
   * @param name its name for messages
   * @param shape the target shape, with 1 or 3 channels
   * @param target receives pixels in [-1, 1] in the order channel, row, column
   * @param offset start index in the target
   * @throws IOException if the bytes are damaged, of another format, or beyond a limit; the message
   *     contains the name
   * @throws IllegalArgumentException if the number of channels is neither 1 nor 3
   */
  public void decode(byte[] file, String name, ImageShape shape, float[] target, int offset)
      throws IOException {
    checkChannels(shape);
    String problem;
    try {
      ImagePixels.resize(read(file, shape), shape, target, offset);
      return;
    } catch (IOException e) {
      throw new IOException("cannot read the image " + name + ": " + messageOf(e), e);
    } catch (RuntimeException | StackOverflowError e) {
      // On damaged files, decoders throw arbitrary runtime exceptions.
      throw new IOException(
          "cannot read the image " + name + ": it is damaged (" + messageOf(e) + ")", e);
    } catch (OutOfMemoryError e) {
      problem = messageOf(e);
    }
    // Outside of the handler, so that the decoder's memory can be freed before the message is
    // created.
    throw new IOException(
        String.format(
            Locale.ROOT,
            "cannot read the image %s: it needs more memory than is available (%s). Raise -Xmx,"
                + " or lower"
                + " the limit of %d pixels",
            name,
            problem,
            maxPixels));
  }

  /**
   * Resizes an image in memory as {@link #decode} does; its size is not limited.
   *
   * @param image the image
   * @param shape the target shape, with 1 or 3 channels
   * @param target receives pixels in [-1, 1] in the order channel, row, column
   * @param offset start index in the target
   * @throws IllegalArgumentException if the number of channels is neither 1 nor 3
   */
  public static void resize(BufferedImage image, ImageShape shape, float[] target, int offset) {
    checkChannels(shape);
    ImagePixels.resize(image, shape, target, offset);
  }

  /**
   * Refuses shapes to which images cannot be decoded.
   *
   * @param shape the shape
   * @throws IllegalArgumentException if the number of channels is neither 1 nor 3
   */
  public static void checkChannels(ImageShape shape) {
    checkArgument(
        shape.channels() == 1 || shape.channels() == 3,
        "image files can be read with 1 channel or 3, not %s",
        shape.channels());
  }

  private BufferedImage read(byte[] file, ImageShape shape) throws IOException {
    String format = format(file);
    checkBmp(file, format);
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
    if (!readers.hasNext()) {
      throw new IOException("no reader of " + format + " is on the class path");
    }
    ImageReader reader = readers.next();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      reader.setInput(in, false, true);
      int width = reader.getWidth(0);
      int height = reader.getHeight(0);
      checkDimensions(width, height);
      checkWebp(file, format, (long) width * height);
      ImageReadParam param = reader.getDefaultReadParam();
      int[] steps = steps(width, height, shape);
      param.setSourceSubsampling(steps[0], steps[1], (steps[0] - 1) / 2, (steps[1] - 1) / 2);
      BufferedImage image =
          format.equals("webp") ? readInTime(reader, param) : reader.read(0, param);
      if (image == null) {
        throw new IOException("it holds no image");
      }
      return image;
    } finally {
      reader.dispose();
    }
  }

  /**
   * After the end of a truncated file, the WebP reader continues pixel by pixel, each with an
   * exception that it swallows. The number of pixels is limited, so its thread ends too.
   */
  private static BufferedImage readInTime(ImageReader reader, ImageReadParam param)
      throws IOException {
    FutureTask<BufferedImage> task = new FutureTask<>(() -> reader.read(0, param));
    Thread thread = new Thread(task, "udge-webp");
    thread.setDaemon(true);
    thread.start();
    try {
      return task.get(WEBP_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      reader.abort();
      throw new IOException("it takes more than " + WEBP_SECONDS + " seconds, is it damaged?", e);
    } catch (InterruptedException e) {
      reader.abort();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while it was decoded", e);
    } catch (ExecutionException e) {
      throw new IOException("it is damaged (" + messageOf(requireNonNull(e.getCause())) + ")", e);
    }
  }

  private void checkDimensions(int width, int height) throws IOException {
    if (width < 1 || height < 1) {
      throw new IOException("it claims to be " + width + " x " + height + " pixels");
    }
    if (width > LONGEST_SIDE || height > LONGEST_SIDE) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "it is %d x %d pixels: no side may have more than %d",
              width,
              height,
              LONGEST_SIDE));
    }
    if ((long) width * height > maxPixels) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "it is %d x %d, %,d pixels: the limit is %,d (settable, ImageDecoder.withMaxPixels)",
              width,
              height,
              (long) width * height,
              maxPixels));
    }
  }

  /**
   * The smallest subsampling steps that leave few enough pixels, but no fewer than the target shape
   * needs.
   */
  private static int[] steps(int width, int height, ImageShape shape) {
    int across = 1;
    int down = 1;
    while (((long) width / across) * (height / down) > HELD_PIXELS) {
      int columns = width / (across + 1) / shape.width();
      int rows = height / (down + 1) / shape.height();
      if (columns == 0 && rows == 0) {
        break;
      }
      if (columns >= rows) {
        across++;
      }
      if (rows >= columns) {
        down++;
      }
    }
    return new int[] {across, down};
  }

  private static void checkWebp(byte[] file, String format, long pixels) throws IOException {
    if (format.equals("webp") && pixels > Math.max(WEBP_PIXELS, (long) WEBP_RATIO * file.length)) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "its %d bytes claim %d pixels, expected at most %d for each byte",
              file.length,
              pixels,
              WEBP_RATIO));
    }
  }

  /** The reader would allocate as many bytes as this field specifies. */
  private static void checkBmp(byte[] file, String format) throws IOException {
    if (format.equals("bmp") && file.length >= BMP_SIZE_FIELD + 4) {
      long claimed = 0;
      for (int i = 3; i >= 0; i--) {
        claimed = claimed << 8 | (file[BMP_SIZE_FIELD + i] & 0xff);
      }
      if (claimed > file.length) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "its byte %d says that the image takes %d bytes, but the file has %d",
                BMP_SIZE_FIELD,
                claimed,
                file.length));
      }
    }
  }

  private static String format(byte[] file) throws IOException {
    if (file.length == 0) {
      throw new IOException("it is empty");
    }
    if (starts(file, 0, 0x89, 'P', 'N', 'G')) {
      return "png";
    }
    if (starts(file, 0, 0xff, 0xd8, 0xff)) {
      return "jpeg";
    }
    if (starts(file, 0, 'G', 'I', 'F', '8')) {
      return "gif";
    }
    if (starts(file, 0, 'B', 'M')) {
      return "bmp";
    }
    if (starts(file, 0, 'R', 'I', 'F', 'F') && starts(file, 8, 'W', 'E', 'B', 'P')) {
      return "webp";
    }
    StringBuilder first = new StringBuilder();
    for (int i = 0; i < Math.min(4, file.length); i++) {
      first.append(String.format(Locale.ROOT, " %02x", file[i]));
    }
    throw new IOException(
        "its first bytes," + first + ", are not those of a PNG, JPEG, GIF, BMP or WebP file");
  }

  private static boolean starts(byte[] file, int from, int... magic) {
    if (file.length < from + magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((file[from + i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  /** A description of the error, from the first cause that has a message. */
  static String messageOf(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      String message = cause.getMessage();
      boolean quotesCause = cause.getCause() != null && cause.getCause().toString().equals(message);
      if (message != null && !message.isBlank() && !message.equals("null") && !quotesCause) {
        return shortened(message.strip());
      }
    }
    return e.getClass().getSimpleName();
  }

  private static String shortened(String message) {
    String line = message.replaceAll("\\s*\\R\\s*", " ");
    return line.length() > 300 ? line.substring(0, 300) + "..." : line;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ImageDecoder decoder && decoder.maxPixels == maxPixels;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(maxPixels);
  }

  @Override
  public String toString() {
    return "ImageDecoder[maxPixels=" + maxPixels + "]";
  }
}
