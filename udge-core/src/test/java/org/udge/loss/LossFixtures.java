package org.udge.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.ImageShape;
import org.udge.engine.Logits;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/** Inputs of the loss tests: random logits and the golden numbers. */
final class LossFixtures {

  private LossFixtures() {}

  static LossSetup setup(int classes) {
    return LossSetup.of(classes, new ImageShape(3, 4, 4), RandomStreams.of(7));
  }

  static double[][] randomLogits(int rows, int classes, long seed) {
    RandomStream random = RandomStreams.of(seed).stream("logits");
    double[][] logits = new double[rows][classes];
    for (double[] row : logits) {
      Arrays.setAll(row, c -> (float) (2 * random.nextGaussian()));
    }
    return logits;
  }

  static int[] randomLabels(int rows, int classes, long seed) {
    RandomStream random = RandomStreams.of(seed).stream("labels");
    int[] labels = new int[rows];
    Arrays.setAll(labels, i -> random.nextInt(classes));
    return labels;
  }

  /** A step with these logits as labeled and as unlabeled images. */
  static LossInput step(double[][] logits, int... labels) {
    return LossInput.ofLabeled(Logits.of(logits), labels)
        .with(ImageGroup.UNLABELED, Logits.of(logits), labels);
  }

  static double[][] golden(String name) {
    try (INDArray array = Nd4j.createFromNpyFile(goldenFile(name))) {
      return array.toDoubleMatrix();
    }
  }

  static int[] goldenLabels() {
    try (INDArray array = Nd4j.createFromNpyFile(goldenFile("y"))) {
      return array.toIntVector();
    }
  }

  private static File goldenFile(String name) {
    try {
      return new File(LossFixtures.class.getResource("/golden/" + name + ".npy").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static LossInput goldenStep() {
    return step(golden("none_logits"), goldenLabels());
  }

  /** The golden queue: 256 images of 10 logits, oldest first. */
  static LossInput goldenQueue() {
    double[][] classMajor = golden("queue");
    double[][] columns = new double[classMajor[0].length][classMajor.length];
    for (int k = 0; k < columns.length; k++) {
      for (int c = 0; c < columns[k].length; c++) {
        columns[k][c] = classMajor[c][k];
      }
    }
    return step(columns, new int[columns.length]);
  }

  static double goldenNumber(String name) {
    try {
      return new ObjectMapper()
          .readTree(LossFixtures.class.getResource("/golden/golden.json"))
          .required(name)
          .doubleValue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The golden numbers were computed from logits that were rounded to float32 afterwards. */
  static void assertGolden(LossValue actual, ImageGroup group, String value, String gradient) {
    double expected = goldenNumber(value);
    assertThat(actual.value()).as(value).isCloseTo(expected, within(1e-6 * expected));
    double[][] expectedGradient = golden(gradient);
    double norm = LossGradientCheck.distance(expectedGradient, new double[8][10]);
    assertThat(
            LossGradientCheck.distance(actual.gradient(group).orElseThrow(), expectedGradient)
                / norm)
        .as("relative error of %s", gradient)
        .isLessThan(1e-6);
  }
}
