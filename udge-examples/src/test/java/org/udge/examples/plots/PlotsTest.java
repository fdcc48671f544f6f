package org.udge.examples.plots;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.engine.Logits;
import org.udge.evaluation.Direction;
import org.udge.evaluation.LabeledLogits;
import org.udge.evaluation.Metric;
import org.udge.evaluation.calibration.CalibrationEvaluator;
import org.udge.evaluation.calibration.ReliabilityDiagram;
import org.udge.evaluation.detection.ScoreHistogram;
import org.udge.evaluation.robustness.PerturbationNorm;
import org.udge.evaluation.robustness.RobustnessPoint;
import org.udge.evaluation.robustness.RobustnessResult;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;
import org.udge.training.EpochReport;

class PlotsTest {

  @TempDir Path temporary;

  private final RandomStream random = RandomStreams.of(1).stream("plots");

  private Path folder() {
    String kept = System.getProperty("udge.plots");
    return kept == null ? temporary : Path.of(kept);
  }

  private String write(Figure figure, String name) throws IOException {
    figure.write(folder(), name);
    BufferedImage picture = ImageIO.read(folder().resolve(name + ".png").toFile());
    assertThat(picture.getWidth()).isEqualTo(1440);
    assertThat(colorsOf(picture)).isGreaterThan(20);
    return Files.readString(folder().resolve(name + ".svg"));
  }

  private static long colorsOf(BufferedImage picture) {
    return picture.getData().getNumBands() == 3
        ? Arrays.stream(
                picture.getRGB(
                    0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth()))
            .distinct()
            .count()
        : 0;
  }

  private double[] normal(int count, double mean, double deviation) {
    double[] values = new double[count];
    Arrays.setAll(values, i -> mean + deviation * random.nextGaussian());
    return values;
  }

  @Test
  void histogram_shows_all_sets_with_a_legend() throws IOException {
    Map<String, double[]> sets = new LinkedHashMap<>();
    sets.put("cifar10 (in-distribution)", normal(5000, 12, 2));
    sets.put("cifar100", normal(5000, 9, 2.5));
    sets.put("svhn", normal(1083, 6, 1));
    sets.put("interpolated", normal(2000, 10.5, 1));
    String svg =
        write(
            ScoreHistogramPlot.of(
                ScoreHistogram.of("px", sets, 60), "Scores of four sets", "log p(x) + const"),
            "histogram");
    assertThat(svg).startsWith("<?xml").contains("<svg");
  }

  @Test
  void many_sets_differ_in_color_or_dash() {
    Set<List<Object>> styles = new HashSet<>();
    for (int i = 0; i < 49; i++) {
      float[] dashes = PlotStyle.stroke(i, 2).getDashArray();
      styles.add(List.of(PlotStyle.color(i), dashes == null ? "none" : Arrays.toString(dashes)));
    }
    assertThat(styles).hasSize(49);
  }

  @Test
  void reliability_diagram_shows_gaps_and_shares() throws IOException {
    double[][] rows = new double[3000][4];
    int[] labels = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      for (int c = 0; c < 4; c++) {
        rows[i][c] = 2.5 * random.nextGaussian();
      }
      labels[i] =
          random.nextDouble() < 0.6
              ? Logits.of(new double[][] {rows[i]}).argMax(0)
              : random.nextInt(4);
    }
    CalibrationEvaluator evaluator = CalibrationEvaluator.ofDefaults();
    ReliabilityDiagram diagram =
        LabeledLogits.of(Logits.of(rows), labels).evaluate(evaluator).diagram(15);
    String svg = write(ReliabilityDiagramPlot.of(diagram, "Reliability"), "reliability");
    assertThat(svg).contains("<svg");
  }

  @Test
  void training_curves_show_loss_and_validation() throws IOException {
    List<EpochReport> history = new ArrayList<>();
    for (int epoch = 0; epoch < 20; epoch++) {
      double loss = 2 * Math.exp(-epoch / 8.0) + 0.3 + 0.03 * random.nextGaussian();
      history.add(
          new EpochReport(
              epoch,
              100L * (epoch + 1),
              2 * loss,
              Map.of("cross_entropy", loss, "conditional_contrastive", 0.8 * loss + 0.5),
              epoch % 2 == 1
                  ? Optional.of(
                      new EpochReport.Validation(
                          List.of(
                              new Metric(
                                  "validation/accuracy",
                                  1 - loss / 2.5,
                                  Direction.HIGHER_IS_BETTER),
                              new Metric("validation/nll", loss + 0.1, Direction.LOWER_IS_BETTER)),
                          1000))
                  : Optional.empty(),
              3));
    }
    write(
        TrainingCurvesPlot.of(
            history, List.of("cross_entropy", "conditional_contrastive"), "Training"),
        "training");
    assertThatThrownBy(() -> TrainingCurvesPlot.of(history, List.of("other"), ""))
        .hasMessageStartingWith("no value 'other', there are ");
    assertThatThrownBy(() -> TrainingCurvesPlot.of(List.of(), List.of(), ""))
        .hasMessage("there must be at least one epoch");
  }

  @Test
  void robustness_curves_of_two_models() throws IOException {
    Map<String, RobustnessResult> results = new LinkedHashMap<>();
    results.put("cross entropy", robustness(PerturbationNorm.LINF, 1.2));
    results.put("hybrid", robustness(PerturbationNorm.LINF, 3));
    write(RobustnessPlot.of(results, "Projected gradient descent"), "robustness");
    results.put("other", robustness(PerturbationNorm.L2, 1));
    assertThatThrownBy(() -> RobustnessPlot.of(results, ""))
        .hasMessage("norms differ: LINF and L2");
    assertThatThrownBy(() -> RobustnessPlot.of(Map.of(), ""))
        .hasMessage("there must be at least one result");
  }

  private static RobustnessResult robustness(PerturbationNorm norm, double scale) {
    List<RobustnessPoint> curve = new ArrayList<>();
    for (int e = 0; e <= 8; e++) {
      curve.add(new RobustnessPoint(e / 255.0, 1000, Math.round(900 * Math.exp(-e / scale))));
    }
    return new RobustnessResult("attack", norm, curve, List.of(0.1));
  }

  @Test
  void grid_places_images_row_by_row() throws IOException {
    INDArray images = Nd4j.zeros(DataType.FLOAT, 8, 3, 32, 32);
    for (int i = 0; i < 8; i++) {
      images.slice(i).slice(i % 3).assign(i / 4.0 - 1);
      images.slice(i).slice((i + 1) % 3).assign(1);
    }
    ImageGrid grid = ImageGrid.of(images, 4).rowNames(List.of("aeroplane", "frog"));
    grid.write(folder().resolve("grid.png"));
    BufferedImage picture = ImageIO.read(folder().resolve("grid.png").toFile());
    assertThat(picture.getHeight()).isEqualTo(2 * 66 + 2);
    BufferedImage bare = ImageGrid.of(images, 4).scale(1).draw();
    assertThat(bare.getWidth()).isEqualTo(4 * 34 + 2);
    // Image 5: channel 2 is 5/4 - 1, channel 0 is 1, channel 1 is 0.
    assertThat(bare.getRGB(2 + 34 + 7, 2 + 34 + 9) & 0xffffff).isEqualTo(0xff809f);
  }

  @Test
  void grid_clamps_pixels_and_takes_one_channel() {
    INDArray gray = Nd4j.createFromArray(-3f, -1f, 0f, 5f).reshape(1, 1, 2, 2);
    BufferedImage picture = ImageGrid.of(gray, 1).scale(1).draw();
    assertThat(picture.getRGB(2, 2) & 0xffffff).isZero();
    assertThat(picture.getRGB(2, 3) & 0xffffff).isEqualTo(0x808080);
    assertThat(picture.getRGB(3, 3) & 0xffffff).isEqualTo(0xffffff);
  }

  @Test
  void grid_refuses_bad_input() {
    INDArray images = Nd4j.zeros(2, 3, 4, 4);
    assertThatThrownBy(() -> ImageGrid.of(Nd4j.zeros(3, 4, 4), 1))
        .hasMessage("images must be [N, 3 or 1, H, W], were [3, 4, 4]");
    assertThatThrownBy(() -> ImageGrid.of(images, 0))
        .hasMessage("columns must be at least 1, was 0");
    assertThatThrownBy(() -> ImageGrid.of(images, 2).scale(0))
        .hasMessage("scale must be at least 1, was 0");
    assertThatThrownBy(() -> ImageGrid.of(images, 2).rowNames(List.of("a", "b")))
        .hasMessage("there are 1 rows but 2 names");
  }
}
