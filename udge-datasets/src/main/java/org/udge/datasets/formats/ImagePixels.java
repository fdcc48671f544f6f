package org.udge.datasets.formats;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import org.udge.data.ImageShape;

/** Converts images of any color model to pixels of a target shape, row by row. */
final class ImagePixels {

  /** Writes the values of a row, from 0 to 255. */
  private interface RowReader {
    void read(int row, float[] red, float[] green, float[] blue);
  }

  private ImagePixels() {}

  static void resize(BufferedImage image, ImageShape shape, float[] target, int offset) {
    int width = image.getWidth();
    int height = image.getHeight();
    double scale = Math.min(width / (double) shape.width(), height / (double) shape.height());
    double left = (width - scale * shape.width()) / 2;
    double top = (height - scale * shape.height()) / 2;
    TriangleFilter columns = TriangleFilter.of(left, scale, shape.width(), width);
    TriangleFilter rows = TriangleFilter.of(top, scale, shape.height(), height);
    float[][] narrow = narrow(image, shape, columns);
    int plane = shape.height() * shape.width();
    for (int channel = 0; channel < narrow.length; channel++) {
      float[] small = rows.filterColumns(narrow[channel], shape.width());
      for (int i = 0; i < plane; i++) {
        target[offset + channel * plane + i] = (float) (small[i] / 127.5 - 1);
      }
    }
  }

  /** Resizes all rows of the image. */
  private static float[][] narrow(BufferedImage image, ImageShape shape, TriangleFilter columns) {
    int height = image.getHeight();
    float[][] narrow = new float[shape.channels()][height * shape.width()];
    float[] red = new float[image.getWidth()];
    float[] green = new float[red.length];
    float[] blue = new float[red.length];
    RowReader reader = reader(image);
    for (int row = 0; row < height; row++) {
      reader.read(row, red, green, blue);
      if (narrow.length == 1) {
        for (int x = 0; x < red.length; x++) {
          red[x] = 0.299f * red[x] + 0.587f * green[x] + 0.114f * blue[x];
        }
        columns.filterRow(red, narrow[0], row * shape.width());
      } else {
        columns.filterRow(red, narrow[0], row * shape.width());
        columns.filterRow(green, narrow[1], row * shape.width());
        columns.filterRow(blue, narrow[2], row * shape.width());
      }
    }
    return narrow;
  }

  /**
   * Numbers as stored, for images stored as gray or RGB: {@code getRGB} would convert gray, which
   * Java regards as linear light, and reduce 16 bits to 8.
   */
  private static RowReader reader(BufferedImage image) {
    ColorModel model = image.getColorModel();
    Raster raster = image.getRaster();
    if (model instanceof IndexColorModel palette) {
      return indexed(raster, palette);
    }
    if (model instanceof ComponentColorModel && !model.isAlphaPremultiplied()) {
      int type = model.getColorSpace().getType();
      if (type == ColorSpace.TYPE_GRAY) {
        return (row, red, green, blue) -> {
          band(raster, model, row, 0, red);
          System.arraycopy(red, 0, green, 0, red.length);
          System.arraycopy(red, 0, blue, 0, red.length);
        };
      }
      if (type == ColorSpace.TYPE_RGB) {
        return (row, red, green, blue) -> {
          band(raster, model, row, 0, red);
          band(raster, model, row, 1, green);
          band(raster, model, row, 2, blue);
        };
      }
    }
    return packed(image);
  }

  private static void band(Raster raster, ColorModel model, int row, int band, float[] values) {
    raster.getSamples(raster.getMinX(), raster.getMinY() + row, values.length, 1, band, values);
    float scale = 255f / ((1L << model.getComponentSize(band)) - 1);
    if (scale != 1) {
      for (int x = 0; x < values.length; x++) {
        values[x] *= scale;
      }
    }
  }

  private static RowReader indexed(Raster raster, IndexColorModel palette) {
    int[] colors = new int[palette.getMapSize()];
    palette.getRGBs(colors);
    int[] indices = new int[raster.getWidth()];
    return (row, red, green, blue) -> {
      raster.getSamples(raster.getMinX(), raster.getMinY() + row, indices.length, 1, 0, indices);
      for (int x = 0; x < indices.length; x++) {
        // An index beyond the palette is black, as in other decoders.
        split(indices[x] < colors.length ? colors[indices[x]] : 0, x, red, green, blue);
      }
    };
  }

  private static RowReader packed(BufferedImage image) {
    int[] colors = new int[image.getWidth()];
    return (row, red, green, blue) -> {
      image.getRGB(0, row, colors.length, 1, colors, 0, colors.length);
      for (int x = 0; x < colors.length; x++) {
        split(colors[x], x, red, green, blue);
      }
    };
  }

  private static void split(int color, int x, float[] red, float[] green, float[] blue) {
    red[x] = color >> 16 & 0xff;
    green[x] = color >> 8 & 0xff;
    blue[x] = color & 0xff;
  }
}
