package org.udge.datasets;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.Classifier;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.datasets.formats.ImageDecoder;

/**
 * Converts pictures, as a service receives them, to a model's input: decoded, cropped and resized
 * to the model's shape, and scaled to the range of its pixels.
 *
 * <pre>{@code
 * byte[] upload = Files.readAllBytes(folder.resolve("upload.png"));
 * ScoredImage answer = EnergyScorer.of(model).score(ModelImages.of(model).decode(upload)).get(0);
 * }</pre>
 *
 * <p>The formats and limits are those of {@link ImageDecoder}. Immutable and thread-safe.
 */
public final class ModelImages {

  private final ImageShape shape;
  private final PixelRange range;
  private final ImageDecoder decoder;

  private ModelImages(ImageShape shape, PixelRange range, ImageDecoder decoder) {
    this.shape = shape;
    this.range = range;
    this.decoder = decoder;
  }

  /**
   * Creates a decoder for a model.
   *
   * @param model a classifier of images of 1 or 3 channels; not kept. Pixels are scaled to its
   *     {@linkplain Classifier#pixelRange() range}, or to [-1, 1] if that is not known
   * @return the decoder
   * @throws IllegalArgumentException if its images have neither 1 nor 3 channels
   * @throws IllegalStateException if the shape of its images is not known
   */
  public static ModelImages of(Classifier model) {
    ImageDecoder.checkChannels(model.shape());
    return new ModelImages(
        model.shape(), model.pixelRange().orElse(PixelRange.SIGNED), ImageDecoder.ofDefaults());
  }

  /**
   * With other limits.
   *
   * @param other default {@link ImageDecoder#ofDefaults()}
   * @return a changed copy
   */
  public ModelImages withDecoder(ImageDecoder other) {
    return new ModelImages(shape, range, requireNonNull(other));
  }

  /**
   * Decodes the bytes of an image file.
   *
   * @param file all its bytes: PNG, JPEG, GIF, BMP or WebP
   * @return a new array, [1, C, H, W]
   * @throws IOException if the bytes are damaged, of another format, or beyond a limit
   */
  public INDArray decode(byte[] file) throws IOException {
    return decodeAll(List.of(file));
  }

  /**
   * Decodes the remaining bytes of a stream.
   *
   * @param in an image file's bytes; not closed
   * @return a new array, [1, C, H, W]
   * @throws IOException if the stream cannot be read, has more than {@value
   *     ImageDecoder#MAX_FILE_BYTES} bytes, or they are damaged, of another format, or beyond a
   *     limit
   */
  public INDArray decode(InputStream in) throws IOException {
    byte[] file = in.readNBytes((int) ImageDecoder.MAX_FILE_BYTES + 1);
    if (file.length > ImageDecoder.MAX_FILE_BYTES) {
      throw new IOException(
          "cannot read an image from a stream: it has more than "
              + ImageDecoder.MAX_FILE_BYTES
              + " bytes");
    }
    return decode(file);
  }

  /**
   * Converts an image in memory.
   *
   * @param image an image of any size and color model; not changed
   * @return a new array, [1, C, H, W]
   */
  public INDArray decode(BufferedImage image) {
    float[] pixels = new float[shape.size()];
    ImageDecoder.resize(image, shape, pixels, 0);
    return scaled(pixels, 1);
  }

  /**
   * Decodes the bytes of several image files into one batch, which a model processes far faster
   * than one image at a time.
   *
   * @param files the complete bytes of each file
   * @return a new array, [N, C, H, W]
   * @throws IOException if one is damaged, of another format, or beyond a limit; the message states
   *     which
   * @throws IllegalArgumentException if there is none
   */
  public INDArray decodeAll(List<byte[]> files) throws IOException {
    checkArgument(!files.isEmpty(), "there must be at least one image");
    float[] pixels = new float[Math.multiplyExact(files.size(), shape.size())];
    for (int i = 0; i < files.size(); i++) {
      decoder.decode(files.get(i), Integer.toString(i), shape, pixels, i * shape.size());
    }
    return scaled(pixels, files.size());
  }

  /** Scales from [-1, 1] to the model's range. */
  private INDArray scaled(float[] pixels, int images) {
    range.scale(pixels, 0, pixels.length);
    return Nd4j.createFromArray(pixels).reshape(shape.batch(images));
  }

  @Override
  public String toString() {
    return "ModelImages[" + shape + ", pixels in " + range + "]";
  }
}
