package org.udge.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.engine.Logits;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/** Inputs of the evaluation tests: random logits and the golden numbers. */
public final class EvaluationFixtures {

  private EvaluationFixtures() {}

  public static INDArray golden(String name) {
    return Nd4j.createFromNpyFile(goldenFile(name + ".npy"));
  }

  public static JsonNode goldenNumbers() {
    try {
      return new ObjectMapper().readTree(goldenFile("golden.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a result writes. */
  public static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static File goldenFile(String name) {
    try {
      return new File(EvaluationFixtures.class.getResource("/golden/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  public static Logits goldenLogits() {
    return Logits.of(golden("metric_logits"));
  }

  public static int[] goldenLabels() {
    return golden("metric_labels").toIntVector();
  }

  /** Golden scores of images in (1) or out of (0) distribution. */
  public static double[] goldenScores(int in) {
    double[] scores = golden("ood_scores").toDoubleVector();
    int[] isIn = golden("ood_is_in").toIntVector();
    return IntStream.range(0, scores.length)
        .filter(i -> isIn[i] == in)
        .mapToDouble(i -> scores[i])
        .toArray();
  }

  public static Logits randomLogits(int rows, int classes, long seed) {
    RandomStream random = RandomStreams.of(seed).stream("logits");
    double[][] logits = new double[rows][classes];
    for (double[] row : logits) {
      Arrays.setAll(row, c -> 2 * random.nextGaussian());
    }
    return Logits.of(logits);
  }

  /** Labels drawn from softmax(factor x logits): factor 1 is a perfectly calibrated model. */
  public static int[] labelsDrawnFrom(Logits logits, double factor, long seed) {
    RandomStream random = RandomStreams.of(seed).stream("labels");
    int[] labels = new int[logits.rows()];
    for (int i = 0; i < labels.length; i++) {
      double[] row = logits.row(i);
      Arrays.setAll(row, c -> factor * row[c]);
      double[] probabilities = Logits.of(new double[][] {row}).probabilities(0);
      double left = random.nextDouble();
      while (labels[i] < row.length - 1 && left >= probabilities[labels[i]]) {
        left -= probabilities[labels[i]++];
      }
    }
    return labels;
  }

  public static <R extends EvaluationResult> R evaluate(
      Evaluator<R> evaluator, Logits logits, int... labels) {
    Accumulator<R> accumulator = evaluator.begin();
    accumulator.update(logits, labels);
    return accumulator.compute();
  }

  /** Two halves on two accumulators, then merged. */
  public static <R extends EvaluationResult> R evaluateInTwoParts(
      Evaluator<R> evaluator, Logits logits, int... labels) {
    int half = labels.length / 3;
    Accumulator<R> first = evaluator.begin();
    first.update(logits.rows(0, half), Arrays.copyOf(labels, half));
    Accumulator<R> second = evaluator.begin();
    second.update(
        logits.rows(half, labels.length), Arrays.copyOfRange(labels, half, labels.length));
    first.merge(second);
    return first.compute();
  }
}
