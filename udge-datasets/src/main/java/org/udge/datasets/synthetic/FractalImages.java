package org.udge.datasets.synthetic;

import org.udge.data.ImageShape;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/**
 * Julia sets in random colors, as out-of-distribution data with edges and structure on all scales:
 * the smoothed number of iterations of z -> z^2 + c until |z| > 16, starting at the position of
 * each pixel, with c just outside the Mandelbrot set's main cardioid; each channel a cosine of its
 * root. Image i is a function of the streams and i alone. No labels.
 *
 * <p>Immutable and thread-safe.
 */
public final class FractalImages extends MadeImages {

  private static final int ITERATIONS = 96;
  private static final double ESCAPE = 256;

  private final RandomStreams streams;

  private FractalImages(ImageShape shape, int count, RandomStreams streams) {
    super("fractals", shape, count);
    this.streams = streams.child("fractals");
  }

  /**
   * Creates fractals.
   *
   * @param shape the shape of each image
   * @param count number of images, at least 1
   * @param streams the source of randomness
   * @return the images
   * @throws IllegalArgumentException if the count is below 1
   */
  public static FractalImages of(ImageShape shape, int count, RandomStreams streams) {
    return new FractalImages(shape, count, streams);
  }

  @Override
  void make(int index, float[] pixels) {
    RandomStream random = streams.stream("image", index);
    double angle = 2 * Math.PI * random.nextDouble();
    double outside = 1.01 + 0.06 * random.nextDouble();
    double real = outside * (Math.cos(angle) / 2 - Math.cos(2 * angle) / 4);
    double imaginary = outside * (Math.sin(angle) / 2 - Math.sin(2 * angle) / 4);
    double turn = 2 * Math.PI * random.nextDouble();
    double zoom = 0.8 + 0.7 * random.nextDouble();
    ImageShape shape = shape();
    double[] frequencies = new double[shape.channels()];
    double[] phases = new double[shape.channels()];
    for (int c = 0; c < phases.length; c++) {
      frequencies[c] = 0.6 + 1.4 * random.nextDouble();
      phases[c] = 2 * Math.PI * random.nextDouble();
    }
    int plane = shape.height() * shape.width();
    for (int row = 0; row < shape.height(); row++) {
      for (int column = 0; column < shape.width(); column++) {
        double x = zoom * (2 * (column + 0.5) / shape.width() - 1);
        double y = zoom * (2 * (row + 0.5) / shape.height() - 1);
        double level =
            escape(
                x * Math.cos(turn) - y * Math.sin(turn),
                x * Math.sin(turn) + y * Math.cos(turn),
                real,
                imaginary);
        for (int c = 0; c < phases.length; c++) {
          pixels[c * plane + row * shape.width() + column] =
              (float) Math.cos(frequencies[c] * Math.sqrt(level) + phases[c]);
        }
      }
    }
  }

  private static double escape(double startX, double startY, double real, double imaginary) {
    double x = startX;
    double y = startY;
    for (int i = 0; i < ITERATIONS; i++) {
      double square = x * x + y * y;
      if (square > ESCAPE) {
        return i + 1 - Math.log(Math.log(square) / Math.log(ESCAPE)) / Math.log(2);
      }
      double next = x * x - y * y + real;
      y = 2 * x * y + imaginary;
      x = next;
    }
    return ITERATIONS;
  }
}
