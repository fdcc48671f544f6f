package org.udge.engine;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network known in closed form: f(x)[c] = height_c - ||x - center_c||^2 / (2 variance_c), with
 * center_c constant over the image. exp f(x)[c] is a normal density up to a factor.
 */
public final class QuadraticEngine implements Engine {

  private final double[] heights;
  private final double[] centers;
  private final double[] variances;
  private int runs;

  public QuadraticEngine(double[] heights, double[] centers, double[] variances) {
    this.heights = heights.clone();
    this.centers = centers.clone();
    this.variances = variances.clone();
  }

  /** One class: E(x) = ||x - center||^2 / (2 variance). */
  public static QuadraticEngine normal(double center, double variance) {
    return new QuadraticEngine(new double[1], new double[] {center}, new double[] {variance});
  }

  /** How often the network ran. */
  public int runs() {
    return runs;
  }

  @Override
  public String name() {
    return "quadratic";
  }

  @Override
  public Precision precision() {
    return Precision.FLOAT32;
  }

  @Override
  public int threads() {
    return 1;
  }

  @Override
  public Pass forward(INDArray images, Mode mode, long dropoutSeed) {
    if (mode != Mode.EVALUATION) {
      throw new IllegalArgumentException("mode must be EVALUATION, was " + mode);
    }
    runs++;
    int n = (int) images.size(0);
    float[] x = images.dup('c').data().getFloatsAt(0, (int) images.length());
    return new QuadraticPass(x, n, images.shape());
  }

  private final class QuadraticPass implements Pass {
    private final float[] x;
    private final int n;
    private final int width;
    private final long[] shape;

    QuadraticPass(float[] x, int n, long[] shape) {
      this.x = x;
      this.n = n;
      this.width = x.length / n;
      this.shape = shape;
    }

    @Override
    public INDArray logits() {
      float[][] logits = new float[n][heights.length];
      for (int i = 0; i < n; i++) {
        for (int c = 0; c < heights.length; c++) {
          double squares = 0;
          for (int j = 0; j < width; j++) {
            double difference = x[i * width + j] - centers[c];
            squares += difference * difference;
          }
          logits[i][c] = (float) (heights[c] - squares / (2 * variances[c]));
        }
      }
      return Nd4j.createFromArray(logits);
    }

    @Override
    public INDArray inputGradient(INDArray logitGradient) {
      float[] gradient = new float[x.length];
      for (int i = 0; i < x.length; i++) {
        double sum = 0;
        for (int c = 0; c < heights.length; c++) {
          sum -= logitGradient.getDouble(i / width, c) * (x[i] - centers[c]) / variances[c];
        }
        gradient[i] = (float) sum;
      }
      return Nd4j.createFromArray(gradient).reshape(shape);
    }

    @Override
    public void parameterGradient(INDArray logitGradient) {
      throw new IllegalStateException("sampling must not compute weight gradients");
    }

    @Override
    public void close() {
      Arrays.fill(x, Float.NaN);
    }
  }

  @Override
  public void parametersChanged() {}

  @Override
  public String describe() {
    return name();
  }

  @Override
  public void close() {}
}
