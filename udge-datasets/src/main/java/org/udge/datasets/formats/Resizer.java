package org.udge.datasets.formats;

import org.udge.data.ImageShape;

/**
 * Turns images of one shape into another, as {@link ImageDecoder} does: the largest centerd part of
 * the wanted proportions, resized (bilinear; made smaller, each pixel is a mean over what it
 * covers). One channel becomes three equal ones; three become the luminance. Immutable and
 * thread-safe.
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
   * Plans a change of shape.
   *
   * @param from the shape of the images, of 1 or 3 channels
   * @param to the shape wanted, of 1 or 3 channels
   * @return what changes them
   * @throws IllegalArgumentException if a number of channels is neither 1 nor 3
   */
  public static Resizer of(ImageShape from, ImageShape to) {
    ImageDecoder.checkChannels(from);
    ImageDecoder.checkChannels(to);
    return new Resizer(from, to);
  }

  /**
   * Changes an image.
   *
   * @param pixels the image, in the order channel, row, column
   * @param target takes the new image
   * @param offset where in the target to start
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
