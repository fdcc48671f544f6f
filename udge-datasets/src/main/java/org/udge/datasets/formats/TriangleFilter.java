package org.udge.datasets.formats;

/**
 * Resampling along one dimension: linear interpolation for enlarging, and a triangle as wide as two
 * new pixels for reducing, so that nothing is skipped.
 */
final class TriangleFilter {

  private final int[] firsts;
  private final float[][] weights;

  private TriangleFilter(int[] firsts, float[][] weights) {
    this.firsts = firsts;
    this.weights = weights;
  }

  /**
   * Creates a filter from part of a line to a new line.
   *
   * @param start start of the part, in old pixels
   * @param scale number of old pixels per new pixel
   * @param newSize number of new pixels
   * @param oldSize old pixels of the whole line; pixels beyond its ends do not count
   */
  static TriangleFilter of(double start, double scale, int newSize, int oldSize) {
    double reach = Math.max(1, scale);
    int[] firsts = new int[newSize];
    float[][] weights = new float[newSize][];
    for (int i = 0; i < newSize; i++) {
      double center = start + (i + 0.5) * scale;
      int first = Math.max(0, (int) Math.floor(center - reach));
      int last = Math.min(oldSize - 1, (int) Math.ceil(center + reach) - 1);
      firsts[i] = first;
      weights[i] = weights(first, last, center, reach);
    }
    return new TriangleFilter(firsts, weights);
  }

  private static float[] weights(int first, int last, double center, double reach) {
    double[] triangle = new double[last - first + 1];
    double sum = 0;
    for (int k = 0; k < triangle.length; k++) {
      triangle[k] = Math.max(0, 1 - Math.abs(first + k + 0.5 - center) / reach);
      sum += triangle[k];
    }
    float[] weights = new float[triangle.length];
    for (int k = 0; k < weights.length; k++) {
      weights[k] = (float) (triangle[k] / sum);
    }
    return weights;
  }

  /** Resizes one row into the target, starting at a position. */
  void filterRow(float[] row, float[] target, int offset) {
    for (int i = 0; i < firsts.length; i++) {
      float[] weight = weights[i];
      float sum = 0;
      for (int k = 0; k < weight.length; k++) {
        sum += weight[k] * row[firsts[i] + k];
      }
      target[offset + i] = sum;
    }
  }

  float[] filterColumns(float[] plane, int width) {
    float[] result = new float[firsts.length * width];
    for (int i = 0; i < firsts.length; i++) {
      for (int k = 0; k < weights[i].length; k++) {
        float weight = weights[i][k];
        int from = (firsts[i] + k) * width;
        for (int column = 0; column < width; column++) {
          result[i * width + column] += weight * plane[from + column];
        }
      }
    }
    return result;
  }
}
