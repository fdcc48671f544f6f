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
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.engine.Logits;
import org.udge.evaluation.Direction;
import org.udge.evaluation.LabeledLogits;
import org.udge.evaluation.Metric;
import org.udge.evaluation.Summary;
import org.udge.evaluation.calibration.CalibrationEvaluator;
import org.udge.evaluation.calibration.ReliabilityBin;
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
  void histogram_says_how_many_scores_lie_beyond_its_axis() throws IOException {
    double[] scores = normal(300, 12, 2);
    scores[7] = -1e5;
    scores[8] = 1e5;
    Map<String, double[]> sets = new LinkedHashMap<>();
    sets.put("cifar10", scores);
    sets.put("svhn", normal(300, 8, 1));
    Figure figure =
        ScoreHistogramPlot.of(
            ScoreHistogram.of("px", sets, 60), "Scores of cifar10, svhn", "log p(x) + const");
    write(figure, "histogram-far");
    XYChart chart = (XYChart) figure.charts().get(0);
    assertThat(chart.getTitle()).isEqualTo("Scores of cifar10, svhn");
    assertThat(chart.getSeriesMap().keySet())
        .containsExactly("cifar10 (beyond the axis: 2 of 300)", "svhn");
    for (XYSeries series : chart.getSeriesMap().values()) {
      assertThat(series.getXMin()).isPositive();
      assertThat(series.getXMax()).isLessThan(25);
    }
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

  private static ReliabilityDiagram diagram(long... counts) {
    List<ReliabilityBin> bins = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      double lower = i / (double) counts.length;
      double upper = (i + 1.0) / counts.length;
      bins.add(
          new ReliabilityBin(
              lower, upper, counts[i], counts[i] * (lower + upper) / 2, counts[i] / 2, 1));
    }
    return new ReliabilityDiagram(bins);
  }

  @Test
  void bins_without_images_are_hatched_and_have_no_bar() throws IOException {
    Figure figure = ReliabilityDiagramPlot.of(diagram(0, 0, 0, 20, 0, 30, 40, 60, 0, 80), "shapes");
    write(figure, "reliability-empty-bins");
    Map<String, XYSeries> series = ((XYChart) figure.charts().get(0)).getSeriesMap();
    // The bins below 0.3, from 0.4 to 0.5, and from 0.8 to 0.9.
    assertThat(Arrays.stream(series.get("no images").getXData()).distinct().sorted())
        .containsExactly(0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.8, 0.9);
    // A bar for each run of bins with images, and none below the first.
    assertThat(series.keySet())
        .contains("accuracy", "accuracy from 0.5", "accuracy from 0.9")
        .doesNotContain("accuracy from 0.0", "accuracy from 0.4", "accuracy from 0.8");
    assertThat(series.get("accuracy").getXData()[0]).isEqualTo(0.3);
    assertThat(series.values().stream().filter(XYSeries::isShowInLegend).map(XYSeries::getName))
        .containsExactlyInAnyOrder(
            "accuracy", "no images", "gap to mean confidence", "confidence = accuracy");
    Figure full = ReliabilityDiagramPlot.of(diagram(1, 2, 3), "shapes");
    assertThat(((XYChart) full.charts().get(0)).getSeriesMap()).doesNotContainKey("no images");
  }

  @Test
  void a_bin_without_images_does_not_look_like_one_of_accuracy_0() throws IOException {
    ReliabilityDiagram empty = diagram(0, 10);
    ReliabilityDiagram wrong =
        new ReliabilityDiagram(
            List.of(new ReliabilityBin(0, 0.5, 10, 2.5, 0, 1), empty.bins().get(1)));
    write(ReliabilityDiagramPlot.of(empty, "shapes"), "empty");
    write(ReliabilityDiagramPlot.of(wrong, "shapes"), "wrong");
    // In the first bin, above its gap to the mean confidence.
    int hatch = PlotStyle.pale(PlotStyle.GRAY).getRGB();
    assertThat(colors("empty", 300, 150, 200, 200)).contains(hatch);
    assertThat(colors("wrong", 300, 150, 200, 200)).doesNotContain(hatch);
  }

  private Set<Integer> colors(String name, int x, int y, int width, int height) throws IOException {
    BufferedImage picture = ImageIO.read(folder().resolve(name + ".png").toFile());
    return Arrays.stream(picture.getRGB(x, y, width, height, null, 0, width))
        .boxed()
        .collect(Collectors.toSet());
  }

  @Test
  void a_single_epoch_is_a_point_and_no_axis_begins_before_the_first() throws IOException {
    EpochReport report =
        new EpochReport(
            0,
            100,
            2.5,
            Map.of("cross_entropy", 2.5),
            Optional.of(
                new EpochReport.Validation(
                    List.of(
                        new Metric("validation/accuracy", 0.4, Direction.HIGHER_IS_BETTER),
                        new Metric("validation/nll", 1.5, Direction.LOWER_IS_BETTER)),
                    100)),
            3);
    Figure one = TrainingCurvesPlot.of(List.of(report), List.of("cross_entropy"), "Run");
    write(one, "one-epoch");
    assertThat(colorsIn("one-epoch"))
        .contains(PlotStyle.BLUE.getRGB(), PlotStyle.VERMILLION.getRGB());
    assertThat(one.charts()).hasSize(3);
    for (Chart<?, ?> drawn : one.charts()) {
      XYChart chart = (XYChart) drawn;
      for (XYSeries series : chart.getSeriesMap().values()) {
        assertThat(series.getXData()).containsExactly(1);
        assertThat(series.getMarker()).isNotEqualTo(SeriesMarkers.NONE);
      }
      assertThat(chart.getStyler().getXAxisMin()).as("an axis around its only epoch").isNull();
    }
    Figure two =
        TrainingCurvesPlot.of(
            List.of(report, new EpochReport(1, 200, 2, report.values(), Optional.empty(), 3)),
            List.of(),
            "Run");
    write(two, "two-epochs");
    for (Chart<?, ?> drawn : two.charts()) {
      XYChart chart = (XYChart) drawn;
      assertThat(chart.getStyler().getXAxisMin()).isEqualTo(1);
      assertThat(chart.getStyler().getXAxisMax()).isEqualTo(2);
    }
  }

  private Set<Integer> colorsIn(String name) throws IOException {
    BufferedImage picture = ImageIO.read(folder().resolve(name + ".png").toFile());
    return colors(name, 0, 0, picture.getWidth(), picture.getHeight());
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

  @Test
  void rows_of_a_study_keep_their_place_in_every_chart() throws IOException {
    Map<String, Map<String, Summary>> columns = new LinkedHashMap<>();
    for (String metric : List.of("accuracy, higher is better", "NLL", "Brier", "AURC")) {
      Map<String, Summary> rows = new LinkedHashMap<>();
      rows.put("plain", Summary.of(0.81, 0.83));
      rows.put("baseline", Summary.of(0.84, 0.85));
      rows.put("energy-margin", Summary.of(0.86));
      columns.put(metric, rows);
    }
    columns.get("NLL").remove("plain");
    Figure figure = StudyPlot.of(columns, Optional.of("baseline"));

    CategoryChart withoutPlain = (CategoryChart) figure.charts().get(1);
    CategorySeries points = withoutPlain.getSeriesMap().get("mean +- deviation");
    assertThat(points.getXData()).hasToString("[plain, baseline, energy-margin]");
    assertThat(points.getYData()).hasToString("[NaN, 0.845, 0.86]");
    assertThat(withoutPlain.getSeriesMap().get("baseline").getYData())
        .hasToString("[0.845, 0.845, 0.845]");
    figure.write(folder(), "study");
    BufferedImage picture = ImageIO.read(folder().resolve("study.png").toFile());
    assertThat(List.of(picture.getWidth(), picture.getHeight())).containsExactly(4320, 1360);
    assertThat(folder().resolve("study.svg")).isNotEmptyFile();
  }
}
