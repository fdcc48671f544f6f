package org.udge.datasets.synthetic;

import org.udge.data.ImageShape;

/**
 * The loss of baseline JPEG, without writing a file: conversion to YCbCr, a discrete cosine
 * transform of blocks of 8 x 8, rounding to multiples of the standard's tables (ITU T.81, annex K)
 * scaled by quality as the Independent JPEG Group's library does, and back. Colors are not
 * subsampled.
 */
final class JpegQuantization {

  private static final int SIDE = 8;

  private static final int[] LUMINANCE = {
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
    92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99
  };

  private static final int[] CHROMINANCE = {
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99
  };

  /** Row u contains the cosine of frequency u. */
  private static final double[][] COSINES = new double[SIDE][SIDE];

  static {
    for (int u = 0; u < SIDE; u++) {
      double scale = u == 0 ? Math.sqrt(1.0 / SIDE) : Math.sqrt(2.0 / SIDE);
      for (int x = 0; x < SIDE; x++) {
        COSINES[u][x] = scale * Math.cos((2 * x + 1) * u * Math.PI / (2 * SIDE));
      }
    }
  }

  private final int[] luminance;
  private final int[] chrominance;

  private JpegQuantization(int[] luminance, int[] chrominance) {
    this.luminance = luminance;
    this.chrominance = chrominance;
  }

  static JpegQuantization of(double quality) {
    double scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    return new JpegQuantization(scaled(LUMINANCE, scale), scaled(CHROMINANCE, scale));
  }

  private static int[] scaled(int[] table, double scale) {
    int[] result = new int[table.length];
    for (int i = 0; i < table.length; i++) {
      result[i] = (int) Math.max(1, Math.min(255, Math.floor((table[i] * scale + 50) / 100)));
    }
    return result;
  }

  void apply(float[] pixels, ImageShape shape) {
    int plane = shape.height() * shape.width();
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] *= 255;
    }
    boolean color = shape.channels() == 3;
    if (color) {
      toLuminance(pixels, plane);
    }
    for (int c = 0; c < shape.channels(); c++) {
      boolean bright = c == 0 || !color;
      quantize(pixels, c * plane, shape, bright ? luminance : chrominance, bright ? 128 : 0);
    }
    if (color) {
      toColors(pixels, plane);
    }
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] /= 255;
    }
  }

  private static void toLuminance(float[] pixels, int plane) {
    for (int i = 0; i < plane; i++) {
      float r = pixels[i];
      float g = pixels[plane + i];
      float b = pixels[2 * plane + i];
      pixels[i] = 0.299f * r + 0.587f * g + 0.114f * b;
      pixels[plane + i] = -0.168736f * r - 0.331264f * g + 0.5f * b;
      pixels[2 * plane + i] = 0.5f * r - 0.418688f * g - 0.081312f * b;
    }
  }

  private static void toColors(float[] pixels, int plane) {
    for (int i = 0; i < plane; i++) {
      float y = pixels[i];
      float cb = pixels[plane + i];
      float cr = pixels[2 * plane + i];
      pixels[i] = y + 1.402f * cr;
      pixels[plane + i] = y - 0.344136f * cb - 0.714136f * cr;
      pixels[2 * plane + i] = y + 1.772f * cb;
    }
  }

  private static void quantize(
      float[] pixels, int start, ImageShape shape, int[] table, float middle) {
    double[] block = new double[SIDE * SIDE];
    for (int top = 0; top < shape.height(); top += SIDE) {
      for (int left = 0; left < shape.width(); left += SIDE) {
        for (int i = 0; i < block.length; i++) {
          // Blocks that extend beyond the border repeat it.
          int row = Math.min(shape.height() - 1, top + i / SIDE);
          int column = Math.min(shape.width() - 1, left + i % SIDE);
          block[i] = pixels[start + row * shape.width() + column] - middle;
        }
        double[] frequencies = transform(block, false);
        for (int i = 0; i < frequencies.length; i++) {
          frequencies[i] = Math.rint(frequencies[i] / table[i]) * table[i];
        }
        double[] restored = transform(frequencies, true);
        for (int i = 0; i < block.length; i++) {
          int row = top + i / SIDE;
          int column = left + i % SIDE;
          if (row < shape.height() && column < shape.width()) {
            pixels[start + row * shape.width() + column] = (float) restored[i] + middle;
          }
        }
      }
    }
  }

  private static double[] transform(double[] block, boolean back) {
    double[] half = new double[block.length];
    double[] result = new double[block.length];
    for (int i = 0; i < block.length; i++) {
      for (int k = 0; k < SIDE; k++) {
        double cosine = back ? COSINES[k][i % SIDE] : COSINES[i % SIDE][k];
        half[i] += cosine * block[i / SIDE * SIDE + k];
      }
    }
    for (int i = 0; i < block.length; i++) {
      for (int k = 0; k < SIDE; k++) {
        double cosine = back ? COSINES[k][i / SIDE] : COSINES[i / SIDE][k];
        result[i] += cosine * half[k * SIDE + i % SIDE];
      }
    }
    return result;
  }
}
