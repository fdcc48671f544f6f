package org.udge.datasets.synthetic;

import java.util.Arrays;
import org.udge.data.ImageShape;
import org.udge.random.RandomStream;

/** Image filters, in place, plane by plane; images are reflected at the border. */
final class Planes {

  /** The origin of a pixel of the result. */
  @FunctionalInterface
  interface Mapping {
    /** Writes the row and column, in pixels, generally not whole numbers. */
    void from(int row, int column, double[] place);
  }

  private Planes() {}

  static void gaussianBlur(float[] pixels, ImageShape shape, double sigma) {
    int reach = Math.max(1, (int) Math.ceil(3 * sigma));
    float[] kernel = new float[2 * reach + 1];
    double sum = 0;
    for (int k = -reach; k <= reach; k++) {
      kernel[k + reach] = (float) Math.exp(-k * k / (2 * sigma * sigma));
      sum += kernel[k + reach];
    }
    for (int k = 0; k < kernel.length; k++) {
      kernel[k] /= (float) sum;
    }
    convolve(pixels, shape, kernel, kernel.length, 1);
    convolve(pixels, shape, kernel, 1, kernel.length);
  }

  /** Convolves with a kernel of odd sides, row-major. */
  static void convolve(float[] pixels, ImageShape shape, float[] kernel, int height, int width) {
    int plane = shape.height() * shape.width();
    float[] old = new float[plane];
    for (int start = 0; start < pixels.length; start += plane) {
      System.arraycopy(pixels, start, old, 0, plane);
      Arrays.fill(pixels, start, start + plane, 0);
      for (int i = 0; i < kernel.length; i++) {
        if (kernel[i] != 0) {
          add(pixels, start, old, shape, kernel[i], i / width - height / 2, i % width - width / 2);
        }
      }
    }
  }

  private static void add(
      float[] pixels, int start, float[] old, ImageShape shape, float weight, int down, int right) {
    for (int row = 0; row < shape.height(); row++) {
      int from = reflect(row + down, shape.height()) * shape.width();
      int to = start + row * shape.width();
      for (int column = 0; column < shape.width(); column++) {
        pixels[to + column] += weight * old[from + reflect(column + right, shape.width())];
      }
    }
  }

  private static int reflect(int position, int size) {
    if (size == 1) {
      return 0;
    }
    int period = 2 * (size - 1);
    int inside = Math.floorMod(position, period);
    return inside < size ? inside : period - inside;
  }

  /** Moves pixels, bilinearly. */
  static void warp(float[] pixels, ImageShape shape, Mapping mapping) {
    float[] old = pixels.clone();
    double[] place = new double[2];
    int plane = shape.height() * shape.width();
    for (int row = 0; row < shape.height(); row++) {
      for (int column = 0; column < shape.width(); column++) {
        mapping.from(row, column, place);
        int top = (int) Math.floor(place[0]);
        int left = (int) Math.floor(place[1]);
        float down = (float) (place[0] - top);
        float right = (float) (place[1] - left);
        int above = reflect(top, shape.height()) * shape.width();
        int below = reflect(top + 1, shape.height()) * shape.width();
        int west = reflect(left, shape.width());
        int east = reflect(left + 1, shape.width());
        for (int start = 0; start < pixels.length; start += plane) {
          float upper = old[start + above + west] * (1 - right) + old[start + above + east] * right;
          float lower = old[start + below + west] * (1 - right) + old[start + below + east] * right;
          pixels[start + row * shape.width() + column] = upper * (1 - down) + lower * down;
        }
      }
    }
  }

  /** One plane of noise on all scales, from 0 to 1: octaves of smooth random values, halving. */
  static float[] clouds(ImageShape shape, RandomStream random) {
    float[] sum = new float[shape.height() * shape.width()];
    double weight = 1;
    for (int cells = 2; cells <= Math.max(shape.height(), shape.width()); cells *= 2) {
      float[] grid = new float[(cells + 1) * (cells + 1)];
      random.fillUniform(grid, 0, weight);
      for (int row = 0; row < shape.height(); row++) {
        for (int column = 0; column < shape.width(); column++) {
          double y = row * (double) cells / shape.height();
          double x = column * (double) cells / shape.width();
          int at = ((int) y) * (cells + 1) + ((int) x);
          float down = (float) (y - (int) y);
          float right = (float) (x - (int) x);
          float upper = grid[at] * (1 - right) + grid[at + 1] * right;
          float lower = grid[at + cells + 1] * (1 - right) + grid[at + cells + 2] * right;
          sum[row * shape.width() + column] += upper * (1 - down) + lower * down;
        }
      }
      weight /= 2;
    }
    float low = Float.MAX_VALUE;
    float high = -Float.MAX_VALUE;
    for (float value : sum) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    for (int i = 0; i < sum.length; i++) {
      sum[i] = high > low ? (sum[i] - low) / (high - low) : 0;
    }
    return sum;
  }
}
