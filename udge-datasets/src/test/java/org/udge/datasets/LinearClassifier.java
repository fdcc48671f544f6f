package org.udge.datasets;

import org.udge.data.ImageSource;
import org.udge.random.RandomStreams;

/** Multinomial logistic regression by stochastic gradient descent, one image per step. */
final class LinearClassifier {

  private static final float FIRST_RATE = 1e-3f;

  private final float[][] weights;
  private final float[] biases;

  LinearClassifier(int inputs, int classes) {
    weights = new float[classes][inputs];
    biases = new float[classes];
  }

  void fit(ImageSource source, int epochs) {
    float[] pixels = new float[source.shape().size()];
    for (int epoch = 0; epoch < epochs; epoch++) {
      float rate = FIRST_RATE * (epochs - epoch) / epochs;
      for (int index : RandomStreams.of(0).stream("shuffle", epoch).permutation(source.size())) {
        step(pixels, source.read(index, pixels, 0), rate);
      }
    }
  }

  private void step(float[] pixels, int label, float rate) {
    double[] scores = scores(pixels);
    double sum = 0;
    for (double score : scores) {
      sum += Math.exp(score);
    }
    for (int c = 0; c < scores.length; c++) {
      double residual = Math.exp(scores[c]) / sum - (c == label ? 1 : 0);
      float change = (float) (rate * residual);
      float[] row = weights[c];
      for (int i = 0; i < pixels.length; i++) {
        row[i] -= change * pixels[i];
      }
      biases[c] -= change;
    }
  }

  private double[] scores(float[] pixels) {
    double[] scores = new double[weights.length];
    for (int c = 0; c < scores.length; c++) {
      float[] row = weights[c];
      float a = 0;
      float b = 0;
      for (int i = 0; i + 1 < pixels.length; i += 2) {
        a += row[i] * pixels[i];
        b += row[i + 1] * pixels[i + 1];
      }
      scores[c] = a + b + biases[c];
    }
    return scores;
  }

  double accuracy(ImageSource source) {
    float[] pixels = new float[source.shape().size()];
    int right = 0;
    for (int index = 0; index < source.size(); index++) {
      int label = source.read(index, pixels, 0);
      double[] scores = scores(pixels);
      int best = 0;
      for (int c = 1; c < scores.length; c++) {
        best = scores[c] > scores[best] ? c : best;
      }
      right += best == label ? 1 : 0;
    }
    return right / (double) source.size();
  }
}
