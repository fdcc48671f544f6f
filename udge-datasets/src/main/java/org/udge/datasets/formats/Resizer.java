package org.udge.datasets.formats;

import org.udge.data.ImageShape;

/**
 * Converts images from one shape to another, as {@link ImageDecoder} does: the largest centered
 * region of the target aspect ratio is resized (bilinear; when reduced, each pixel is a mean over
 * the area that it covers). One channel becomes three equal ones; three become the luminance.
 * Immutable and thread-safe.
 */
public final class Resizer {

  private static final float[] LUMINANCE = {0.299f, 0.587f, 0.114f};

  private final ImageShape from;
  private final ImageShape to;
  private final TriangleFilter columns;
  private final TriangleFilter rows;

  private Resizer(ImageShape from, ImageShape to) {
    this.from = from;
    this.to = to;
    double scale =
        Math.min(from.width() / (double) to.width(), from.height() / (double) to.height());
    columns =
        TriangleFilter.of((from.width() - scale * to.width()) / 2, scale, to.width(), from.width());
    rows =
        TriangleFilter.of(
            (from.height() - scale * to.height()) / 2, scale, to.height(), from.height());
  }

  /**
   * Creates a resizer.
   *
   * @param from the shape of the images, of 1 or 3 channels
   * @param to the shape wanted, of 1 or 3 channels
   * @return the resizer
   * @throws IllegalArgumentException if a number of channels is neither 1 nor 3
   */
  public static Resizer of(ImageShape from, ImageShape to) {
    ImageDecoder.checkChannels(from);
    ImageDecoder.checkChannels(to);
    return new Resizer(from, to);
  }

  /**
   * Resizes an image.
   *
   * @param pixels the image, in the order channel, row, column
   * @param target receives the resized image
   * @param offset start index in the target
   */
  public void apply(float[] pixels, float[] target, int offset) {
    int plane = to.height() * to.width();
    for (int channel = 0; channel < to.channels(); channel++) {
      float[] source = channel(pixels, channel);
      float[] narrow = new float[from.height() * to.width()];
      float[] row = new float[from.width()];
      for (int y = 0; y < from.height(); y++) {
        System.arraycopy(source, y * from.width(), row, 0, row.length);
        columns.filterRow(row, narrow, y * to.width());
      }
      System.arraycopy(
          rows.filterColumns(narrow, to.width()), 0, target, offset + channel * plane, plane);
    }
  }

  private float[] channel(float[] pixels, int channel) {
    int plane = from.height() * from.width();
    float[] values = new float[plane];
    if (from.channels() == 3 && to.channels() == 1) {
      for (int c = 0; c < LUMINANCE.length; c++) {
        for (int i = 0; i < plane; i++) {
          values[i] += LUMINANCE[c] * pixels[c * plane + i];
        }
      }
    } else {
      System.arraycopy(pixels, from.channels() == 1 ? 0 : channel * plane, values, 0, plane);
    }
    return values;
  }
}
