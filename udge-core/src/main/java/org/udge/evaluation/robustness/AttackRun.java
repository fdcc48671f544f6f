package org.udge.evaluation.robustness;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.engine.Logits;
import org.udge.internal.HostImages;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/** One attack on one batch. Internally, distances are in units of [-1, 1] pixels. */
final class AttackRun {

  private static final double UNIT = HostImages.UNIT;

  private final ProjectedGradient attack;
  private final EnergyModel model;
  private final RandomStreams streams;

  AttackRun(ProjectedGradient attack, EnergyModel model, RandomStreams streams) {
    this.attack = attack;
    this.model = model;
    this.streams = streams;
  }

  /** Images stored consecutively, with their shape and labels. */
  record Images(float[] pixels, long[] shape, int[] labels) {

    int count() {
      return labels.length;
    }

    int size() {
      return pixels.length / count();
    }

    INDArray array() {
      return HostImages.array(pixels.clone(), shape);
    }

    Images with(float[] other) {
      return new Images(other, shape, labels);
    }

    Images select(int[] indices) {
      float[] selected = new float[indices.length * size()];
      for (int i = 0; i < indices.length; i++) {
        System.arraycopy(pixels, indices[i] * size(), selected, i * size(), size());
      }
      long[] smaller = shape.clone();
      smaller[0] = indices.length;
      return new Images(selected, smaller, Arrays.stream(indices).map(i -> labels[i]).toArray());
    }

    void copyTo(int from, float[] target, int to) {
      System.arraycopy(pixels, from * size(), target, to * size(), size());
    }
  }

  static Images images(INDArray array, int[] labels) {
    checkArgument(
        array.rank() == 4 && array.size(0) == labels.length,
        "there must be a label for each image: %s, %s labels",
        Arrays.toString(array.shape()),
        labels.length);
    float[] pixels = HostImages.copy(array);
    for (float pixel : pixels) {
      checkArgument(
          pixel >= -1 && pixel <= 1, "pixels must be in [-1, 1] to be attacked, one is %s", pixel);
    }
    return new Images(pixels, array.shape(), labels);
  }

  AdversarialImages perturb(INDArray array, int[] labels) {
    Images original = images(array, labels);
    boolean[] fooled = new boolean[labels.length];
    double[] loss = new double[labels.length];
    Arrays.fill(loss, Double.NEGATIVE_INFINITY);
    float[] best = original.pixels.clone();
    int[] open = IntStream.range(0, labels.length).toArray();
    for (int attempt = 0; attempt < attack.restarts() && open.length > 0; attempt++) {
      Images found = climb(original.select(open), attempt);
      double[][] probabilities = probabilities(found, "decide", attempt);
      for (int i = 0; i < open.length; i++) {
        double newLoss = -Math.log(probabilities[i][found.labels[i]]);
        boolean wrong = argMax(probabilities[i]) != found.labels[i];
        if (wrong || newLoss > loss[open[i]]) {
          fooled[open[i]] = wrong;
          loss[open[i]] = newLoss;
          found.copyTo(i, best, open[i]);
        }
      }
      open = Arrays.stream(open).filter(i -> !fooled[i]).toArray();
    }
    double[] distances = distances(original, best);
    return new AdversarialImages(HostImages.array(best, original.shape), fooled, distances);
  }

  private Images climb(Images original, int attempt) {
    float[] pixels = original.pixels.clone();
    if (attack.randomStart()) {
      start(pixels, original, streams.stream("start", attempt));
    }
    for (int step = 0; step < attack.steps(); step++) {
      float[] gradient = gradient(original.with(pixels), attempt, step);
      eachImage(
          original,
          (from, to) -> {
            attack.norm().step(pixels, gradient, from, to, UNIT * attack.step());
            project(pixels, original, from, to);
          });
    }
    return original.with(pixels);
  }

  private void project(float[] pixels, Images original, int from, int to) {
    attack.norm().project(pixels, original.pixels, from, to, UNIT * attack.epsilon());
  }

  /** Moves to a point uniform in the ball, then clamped to [-1, 1]. */
  private void start(float[] pixels, Images original, RandomStream random) {
    double radius = UNIT * attack.epsilon();
    float[] direction = new float[pixels.length];
    eachImage(
        original,
        (from, to) -> {
          if (attack.norm() == PerturbationNorm.LINF) {
            for (int j = from; j < to; j++) {
              pixels[j] += (float) (radius * (2 * random.nextDouble() - 1));
            }
          } else {
            for (int j = from; j < to; j++) {
              direction[j] = (float) random.nextGaussian();
            }
            double length = radius * Math.pow(random.nextDouble(), 1.0 / (to - from));
            attack.norm().step(pixels, direction, from, to, length);
          }
          project(pixels, original, from, to);
        });
  }

  @FunctionalInterface
  private interface Range {
    void apply(int from, int to);
  }

  private static void eachImage(Images images, Range body) {
    for (int i = 0; i < images.count(); i++) {
      body.apply(i * images.size(), (i + 1) * images.size());
    }
  }

  /**
   * Computes the gradient of the cross entropy of the true labels, summed over draws of the
   * refinement.
   */
  private float[] gradient(Images images, int attempt, int step) {
    INDArray array = images.array();
    if (attack.refinement().isEmpty()) {
      return HostImages.copy(lossGradient(array, images.labels));
    }
    float[] sum = new float[images.pixels.length];
    for (int sample = 0; sample < attack.samples(); sample++) {
      RandomStream random = streams.stream("refine", attempt, step, sample);
      Refinement.Refined refined = attack.refinement().get().refine(array, random);
      INDArray gradient = lossGradient(refined.images(), images.labels);
      float[] pulled = HostImages.copy(refined.pullBack(gradient));
      for (int j = 0; j < sum.length; j++) {
        sum[j] += pulled[j];
      }
    }
    return sum;
  }

  private INDArray lossGradient(INDArray images, int[] labels) {
    return model.inputGradient(
        images,
        (logits, first) -> {
          double[][] gradient = new double[logits.rows()][];
          for (int i = 0; i < gradient.length; i++) {
            gradient[i] = logits.probabilities(i);
            gradient[i][labels[first + i]] -= 1;
          }
          return gradient;
        });
  }

  /** Computes p(y|x), averaged over draws of the refinement. */
  private double[][] probabilities(Images images, String purpose, int counter) {
    INDArray array = images.array();
    double[][] mean = new double[images.count()][model.classCount()];
    for (int sample = 0; sample < attack.samples(); sample++) {
      RandomStream random = streams.stream(purpose, counter, sample);
      INDArray seen = attack.refinement().map(r -> r.refine(array, random).images()).orElse(array);
      Logits logits = model.logits(seen);
      for (int i = 0; i < mean.length; i++) {
        double[] row = logits.probabilities(i);
        for (int c = 0; c < row.length; c++) {
          mean[i][c] += row[c] / attack.samples();
        }
      }
    }
    return mean;
  }

  private static int argMax(double[] row) {
    int best = 0;
    for (int c = 1; c < row.length; c++) {
      best = row[c] > row[best] ? c : best;
    }
    return best;
  }

  /** Returns which unperturbed images are misclassified. */
  boolean[] wrong(Images images, int counter) {
    double[][] probabilities = probabilities(images, "judge", counter);
    boolean[] wrong = new boolean[images.count()];
    for (int i = 0; i < wrong.length; i++) {
      wrong[i] = argMax(probabilities[i]) != images.labels[i];
    }
    return wrong;
  }

  /** Returns the distances in units of [0, 1] pixels. */
  double[] distances(Images original, float[] moved) {
    double[] distances = new double[original.count()];
    for (int i = 0; i < distances.length; i++) {
      int from = i * original.size();
      int to = from + original.size();
      distances[i] = attack.norm().distance(moved, original.pixels, from, to) / UNIT;
    }
    return distances;
  }

  /**
   * Moves images that fool the model back toward the originals as far as they still do, by repeated
   * bisection; returns their distances, in units of [0, 1] pixels.
   */
  double[] closestOnTheWay(Images original, Images adversarial, int halvings) {
    int count = original.count();
    double[] safe = new double[count];
    double[] fooling = new double[count];
    Arrays.fill(fooling, 1);
    for (int halving = 0; halving < halvings; halving++) {
      float[] middle = new float[original.pixels.length];
      for (int j = 0; j < middle.length; j++) {
        int i = j / original.size();
        double share = (safe[i] + fooling[i]) / 2;
        double way = (double) adversarial.pixels[j] - original.pixels[j];
        middle[j] = (float) (original.pixels[j] + share * way);
      }
      boolean[] wrong = wrong(original.with(middle), halving);
      for (int i = 0; i < count; i++) {
        double share = (safe[i] + fooling[i]) / 2;
        if (wrong[i]) {
          fooling[i] = share;
        } else {
          safe[i] = share;
        }
      }
    }
    double[] distances = distances(original, adversarial.pixels);
    for (int i = 0; i < count; i++) {
      distances[i] *= fooling[i];
    }
    return distances;
  }
}
