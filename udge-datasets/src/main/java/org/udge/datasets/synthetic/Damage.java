package org.udge.datasets.synthetic;

import java.util.function.DoubleUnaryOperator;
import org.udge.data.ImageShape;
import org.udge.random.RandomStream;

/** The operations of {@link Corruption}, in place, on pixels from 0 to 1; not clipped. */
final class Damage {

  private static final int ZOOMS = 8;

  private Damage() {}

  static void noise(float[] pixels, RandomStream random, DoubleUnaryOperator deviation) {
    float[] noise = new float[pixels.length];
    random.fillGaussian(noise);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] += (float) (deviation.applyAsDouble(pixels[i]) * noise[i]);
    }
  }

  static void impulses(float[] pixels, RandomStream random, double share) {
    for (int i = 0; i < pixels.length; i++) {
      if (random.nextDouble() < share) {
        pixels[i] = random.nextBoolean() ? 1 : 0;
      }
    }
  }

  /** A disc whose rim is weighted approximately by the fraction of each pixel that it covers. */
  static void disc(float[] pixels, ImageShape shape, double radius) {
    int reach = (int) Math.ceil(radius + 0.5);
    int side = 2 * reach + 1;
    float[] kernel = new float[side * side];
    for (int i = 0; i < kernel.length; i++) {
      double distance = Math.hypot(i / side - reach, i % side - reach);
      kernel[i] = (float) Math.max(0, Math.min(1, radius + 0.5 - distance));
    }
    normalized(kernel);
    Planes.convolve(pixels, shape, kernel, side, side);
  }

  static void line(float[] pixels, ImageShape shape, double length, double angle) {
    int reach = (int) Math.ceil(length / 2) + 1;
    int side = 2 * reach + 1;
    float[] kernel = new float[side * side];
    int points = 64;
    for (int i = 0; i < points; i++) {
      double along = length * ((i + 0.5) / points - 0.5);
      double y = reach + along * Math.sin(angle);
      double x = reach + along * Math.cos(angle);
      int row = (int) Math.floor(y);
      int column = (int) Math.floor(x);
      float down = (float) (y - row);
      float right = (float) (x - column);
      kernel[row * side + column] += (1 - down) * (1 - right);
      kernel[row * side + column + 1] += (1 - down) * right;
      kernel[(row + 1) * side + column] += down * (1 - right);
      kernel[(row + 1) * side + column + 1] += down * right;
    }
    normalized(kernel);
    Planes.convolve(pixels, shape, kernel, side, side);
  }

  private static void normalized(float[] kernel) {
    float sum = 0;
    for (float weight : kernel) {
      sum += weight;
    }
    for (int i = 0; i < kernel.length; i++) {
      kernel[i] /= sum;
    }
  }

  static void zoom(float[] pixels, ImageShape shape, double largest) {
    float[] sum = new float[pixels.length];
    double middleRow = (shape.height() - 1) / 2.0;
    double middleColumn = (shape.width() - 1) / 2.0;
    for (int k = 0; k < ZOOMS; k++) {
      double factor = 1 + (largest - 1) * k / (ZOOMS - 1);
      float[] larger = pixels.clone();
      Planes.warp(
          larger,
          shape,
          (row, column, place) -> {
            place[0] = middleRow + (row - middleRow) / factor;
            place[1] = middleColumn + (column - middleColumn) / factor;
          });
      for (int i = 0; i < sum.length; i++) {
        sum[i] += larger[i] / ZOOMS;
      }
    }
    System.arraycopy(sum, 0, pixels, 0, sum.length);
  }

  static void elastic(float[] pixels, ImageShape shape, double pixelsMoved, RandomStream random) {
    ImageShape field = new ImageShape(2, shape.height(), shape.width());
    float[] moves = new float[field.size()];
    random.fillGaussian(moves);
    Planes.gaussianBlur(moves, field, Math.max(1, shape.width() / 8.0));
    double mean = 0;
    for (float move : moves) {
      mean += Math.abs(move) / moves.length;
    }
    double scale = pixelsMoved / mean;
    int plane = shape.height() * shape.width();
    Planes.warp(
        pixels,
        shape,
        (row, column, place) -> {
          int at = row * shape.width() + column;
          place[0] = row + scale * moves[at];
          place[1] = column + scale * moves[plane + at];
        });
  }

  static void pixelate(float[] pixels, ImageShape shape, double factor) {
    int rows = Math.max(1, (int) (shape.height() * factor));
    int columns = Math.max(1, (int) (shape.width() * factor));
    int plane = shape.height() * shape.width();
    float[] old = pixels.clone();
    for (int start = 0; start < pixels.length; start += plane) {
      for (int row = 0; row < shape.height(); row++) {
        for (int column = 0; column < shape.width(); column++) {
          int cellRow = row * rows / shape.height();
          int cellColumn = column * columns / shape.width();
          pixels[start + row * shape.width() + column] =
              cell(old, start, shape, cellRow, rows, cellColumn, columns);
        }
      }
    }
  }

  /** The mean over the pixels whose center is in a cell. */
  private static float cell(
      float[] old, int start, ImageShape shape, int row, int rows, int column, int columns) {
    int top = ceilDiv(row * shape.height(), rows);
    int bottom = ceilDiv((row + 1) * shape.height(), rows);
    int left = ceilDiv(column * shape.width(), columns);
    int right = ceilDiv((column + 1) * shape.width(), columns);
    float sum = 0;
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        sum += old[start + y * shape.width() + x];
      }
    }
    return sum / ((bottom - top) * (right - left));
  }

  private static int ceilDiv(int dividend, int divisor) {
    return (dividend + divisor - 1) / divisor;
  }

  static void shift(float[] pixels, double by) {
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] += (float) by;
    }
  }

  static void contrast(float[] pixels, ImageShape shape, double factor) {
    int plane = shape.height() * shape.width();
    for (int start = 0; start < pixels.length; start += plane) {
      double mean = 0;
      for (int i = start; i < start + plane; i++) {
        mean += pixels[i] / (double) plane;
      }
      for (int i = start; i < start + plane; i++) {
        pixels[i] = (float) (mean + factor * (pixels[i] - mean));
      }
    }
  }

  /**
   * Brightened by the clouds, then scaled so that the value of the brightest pixel is unchanged.
   */
  static void fog(float[] pixels, ImageShape shape, double weight, RandomStream random) {
    float[] clouds = Planes.clouds(shape, random);
    float highest = 0;
    for (float pixel : pixels) {
      highest = Math.max(highest, pixel);
    }
    float scale = (float) (highest / Math.max(1e-6, highest + weight));
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) (pixels[i] + weight * clouds[i % clouds.length]) * scale;
    }
  }
}
