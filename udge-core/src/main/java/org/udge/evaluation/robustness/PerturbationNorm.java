package org.udge.evaluation.robustness;

/** The norm by which perturbations are measured, in units of [0, 1] pixels. */
public enum PerturbationNorm {
  /** The largest change of a pixel in any channel. */
  LINF {
    @Override
    void step(float[] image, float[] gradient, int start, int end, double size) {
      for (int j = start; j < end; j++) {
        image[j] += (float) (size * Math.signum(gradient[j]));
      }
    }

    @Override
    void project(float[] image, float[] center, int start, int end, double radius) {
      for (int j = start; j < end; j++) {
        double low = Math.max(-1, center[j] - radius);
        double high = Math.min(1, center[j] + radius);
        image[j] = (float) Math.max(low, Math.min(high, image[j]));
      }
    }

    @Override
    double distance(float[] image, float[] center, int start, int end) {
      double largest = 0;
      for (int j = start; j < end; j++) {
        largest = Math.max(largest, Math.abs((double) image[j] - center[j]));
      }
      return largest;
    }
  },

  /** The Euclidean norm of the change of the whole image. */
  L2 {
    @Override
    void step(float[] image, float[] gradient, int start, int end, double size) {
      double squares = 0;
      for (int j = start; j < end; j++) {
        squares += (double) gradient[j] * gradient[j];
      }
      if (squares == 0) {
        return;
      }
      double factor = size / Math.sqrt(squares);
      for (int j = start; j < end; j++) {
        image[j] += (float) (factor * gradient[j]);
      }
    }

    @Override
    void project(float[] image, float[] center, int start, int end, double radius) {
      double length = distance(image, center, start, end);
      double factor = length > radius ? radius / length : 1;
      for (int j = start; j < end; j++) {
        double moved = center[j] + factor * ((double) image[j] - center[j]);
        image[j] = (float) Math.max(-1, Math.min(1, moved));
      }
    }

    @Override
    double distance(float[] image, float[] center, int start, int end) {
      double squares = 0;
      for (int j = start; j < end; j++) {
        double difference = (double) image[j] - center[j];
        squares += difference * difference;
      }
      return Math.sqrt(squares);
    }
  };

  /**
   * Moves an image along the gradient by a given length in this norm, in units of [-1, 1] pixels.
   */
  abstract void step(float[] image, float[] gradient, int start, int end, double size);

  /** Projects an image onto the ball around another, and onto [-1, 1]. */
  abstract void project(float[] image, float[] center, int start, int end, double radius);

  /** Computes the distance, in units of [-1, 1] pixels. */
  abstract double distance(float[] image, float[] center, int start, int end);
}
