package org.udge.datasets;

import org.udge.data.ImageShape;
import org.udge.random.RandomStream;

/**
 * Draws one image of a figure with random position, size, rotation and colors on a cluttered
 * background.
 *
 * <p>Uses +, -, *, / and square roots of doubles only (exact by IEEE 754 and Java 17), and
 * StrictMath for sine and cosine, so images have the same bytes on every machine.
 */
final class FigurePainter {

  /** Sampling points per pixel, in each direction. */
  private static final int GRID = 4;

  private static final int CHANNELS = 3;
  private static final double[] LUMINANCE = {0.3, 0.59, 0.11};

  // In gray levels, 0 to 255.
  private static final double MIN_CONTRAST = 45;
  private static final double SHADING = 30;
  private static final double CLUTTER = 30;
  private static final double NOISE = 14;

  // In pixels.
  private static final double MIN_RADIUS = 8;
  private static final double MAX_RADIUS = 13;
  private static final double MAX_SHIFT = 3.5;

  // In radians.
  private static final double MAX_ANGLE = 0.4;

  private final int height;
  private final int width;
  private final RandomStream random;

  FigurePainter(ImageShape shape, RandomStream random) {
    this.height = shape.height();
    this.width = shape.width();
    this.random = random;
  }

  void paint(Figure figure, byte[] bytes, int offset) {
    double[] background = color();
    double[] foreground = color();
    while (luminance(foreground) - luminance(background) < MIN_CONTRAST) {
      background = color();
      foreground = color();
    }
    double[][] shading = planes(SHADING);
    double[][] figureShading = planes(SHADING / 2);
    double[] coverage = coverage(figure);
    double[] clutter = clutter();
    int plane = height * width;
    for (int channel = 0; channel < CHANNELS; channel++) {
      for (int row = 0; row < height; row++) {
        for (int column = 0; column < width; column++) {
          int at = row * width + column;
          double below = background[channel] + value(shading[channel], row, column) + clutter[at];
          double above = foreground[channel] + value(figureShading[channel], row, column);
          double noise = symmetric(NOISE) + symmetric(NOISE);
          double value = below + coverage[at] * (above - below) + noise;
          bytes[offset + channel * plane + at] = (byte) Math.max(0, Math.min(255, (int) value));
        }
      }
    }
  }

  private double[] color() {
    return new double[] {between(20, 235), between(20, 235), between(20, 235)};
  }

  private static double luminance(double[] color) {
    return LUMINANCE[0] * color[0] + LUMINANCE[1] * color[1] + LUMINANCE[2] * color[2];
  }

  /** For each channel, a linear function of the position that stays within +-height. */
  private double[][] planes(double height) {
    double down = symmetric(height);
    double right = symmetric(height - Math.abs(down));
    double[][] planes = new double[CHANNELS][];
    for (int channel = 0; channel < CHANNELS; channel++) {
      double strength = between(0.5, 1);
      planes[channel] = new double[] {down * strength, right * strength};
    }
    return planes;
  }

  private double value(double[] plane, int row, int column) {
    return plane[0] * (2.0 * row / (height - 1) - 1) + plane[1] * (2.0 * column / (width - 1) - 1);
  }

  /** The fraction of each pixel that the figure covers. */
  private double[] coverage(Figure figure) {
    double radius = between(MIN_RADIUS, MAX_RADIUS);
    double centerX = width / 2.0 + symmetric(MAX_SHIFT);
    double centerY = height / 2.0 + symmetric(MAX_SHIFT);
    double angle = symmetric(MAX_ANGLE);
    double cos = StrictMath.cos(angle) / radius;
    double sin = StrictMath.sin(angle) / radius;
    double[] coverage = new double[height * width];
    double reach = Figure.RADIUS * radius + 1;
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < width; column++) {
        double x = column + 0.5 - centerX;
        double y = row + 0.5 - centerY;
        if (x * x + y * y < reach * reach) {
          coverage[row * width + column] = coverage(figure, x, y, cos, sin);
        }
      }
    }
    return coverage;
  }

  /** The fraction of the pixel around (x, y) that a rotated and scaled figure covers. */
  private static double coverage(Figure figure, double x, double y, double cos, double sin) {
    int hits = 0;
    for (int i = 0; i < GRID; i++) {
      double down = y + (i + 0.5) / GRID - 0.5;
      for (int j = 0; j < GRID; j++) {
        double right = x + (j + 0.5) / GRID - 0.5;
        if (figure.contains(cos * right + sin * down, cos * down - sin * right)) {
          hits++;
        }
      }
    }
    return hits / (double) (GRID * GRID);
  }

  /** Draws a few soft-edged spots and straight bands behind the figure. */
  private double[] clutter() {
    double[] clutter = new double[height * width];
    int count = 2 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      double strength = symmetric(CLUTTER);
      double centerX = between(0, width);
      double centerY = between(0, height);
      double angle = between(0, 3.14159);
      double stretch = random.nextBoolean() ? 0.15 : 1;
      double size = between(2, 6);
      double cos = StrictMath.cos(angle) / size;
      double sin = StrictMath.sin(angle) / size;
      for (int row = 0; row < height; row++) {
        for (int column = 0; column < width; column++) {
          double x = column - centerX;
          double y = row - centerY;
          double along = (cos * x + sin * y) * stretch;
          double across = cos * y - sin * x;
          double square = along * along + across * across;
          clutter[row * width + column] += strength / (1 + square * square);
        }
      }
    }
    return clutter;
  }

  private double between(double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  private double symmetric(double bound) {
    return bound * (2 * random.nextDouble() - 1);
  }
}
