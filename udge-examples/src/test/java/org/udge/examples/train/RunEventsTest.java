package org.udge.examples.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.shade.protobuf.ByteString;
import org.nd4j.shade.protobuf.UnknownFieldSet;
import org.tensorflow.framework.Summary;
import org.udge.examples.CommandRun;

/** What a run with samples, and one that goes on with it, leave for TensorBoard and the report. */
class RunEventsTest {

  /** A value, with its event's step and time. */
  private record Point(long step, double time, Summary.Value value) {
    String tag() {
      return value.getTag();
    }
  }

  @TempDir private static Path logs;
  private static Path first;
  private static Path rest;

  @BeforeAll
  static void train() throws IOException {
    Object[] flags = {"--pyxce", 1, "--pxsgld", 1, "--plot_every", 1, "--n_epochs", 2};
    TrainTest.train(logs.resolve("a"), flags);
    first = CommandRun.onlyFolder(logs.resolve("a"));
    CommandRun run =
        CommandRun.of(
            "train", "--load_path", first, "--n_epochs", 3, "--log_dir", logs.resolve("b"));
    assertThat(run.status()).isZero();
    rest = CommandRun.onlyFolder(logs.resolve("b"));
  }

  /** Read with protobuf's own parser and TensorFlow's own classes, which ND4J has. */
  private static List<Point> points(Path run) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(run)) {
      files = all.filter(each -> each.toString().contains("tfevents")).toList();
    }
    assertThat(files).hasSize(1);
    ByteBuffer bytes =
        ByteBuffer.wrap(Files.readAllBytes(files.get(0))).order(ByteOrder.LITTLE_ENDIAN);
    List<Point> points = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] data = new byte[(int) bytes.getLong()];
      bytes.getInt();
      bytes.get(data);
      bytes.getInt();
      UnknownFieldSet event = UnknownFieldSet.parseFrom(data);
      double time = Double.longBitsToDouble(event.getField(1).getFixed64List().get(0));
      long step = event.hasField(2) ? event.getField(2).getVarintList().get(0) : 0;
      for (ByteString summary : event.getField(5).getLengthDelimitedList()) {
        for (Summary.Value value : Summary.parseFrom(summary).getValueList()) {
          points.add(new Point(step, time, value));
        }
      }
    }
    return points;
  }

  private static List<Long> steps(List<Point> points, String tag) {
    return points.stream().filter(point -> point.tag().equals(tag)).map(Point::step).toList();
  }

  @Test
  void samples_and_reliability_are_pictures() throws IOException {
    List<Point> points = points(first);
    assertThat(steps(points, "samples/x_q")).containsExactly(2L, 4L);
    assertThat(steps(points, "reliability/test")).containsExactly(4L);
    assertThat(steps(points, "reliability/validation")).containsExactly(4L);
    assertThat(
            points.stream()
                .filter(point -> point.tag().equals("samples/x_q"))
                .allMatch(point -> point.value().getImage().getWidth() > 100))
        .isTrue();
    assertThat(first.resolve("reliability-test.png")).isNotEmptyFile();
  }

  @Test
  void energies_of_data_and_samples_are_histograms() throws IOException {
    List<Point> points = points(first);
    assertThat(steps(points, "energy/data")).containsExactly(2L, 4L);
    assertThat(steps(points, "energy/samples")).containsExactly(2L, 4L);
    assertThat(
            points.stream()
                .filter(point -> point.tag().equals("energy/data"))
                .map(point -> point.value().getHisto().getNum()))
        .containsOnly(20.0);
  }

  @Test
  void settings_are_hyperparameters() throws IOException {
    assertThat(points(first).stream().map(Point::tag))
        .contains(
            "_hparams_/experiment", "_hparams_/session_start_info", "_hparams_/session_end_info");
  }

  @Test
  void a_run_that_goes_on_has_each_step_once_and_at_its_time() throws IOException {
    List<Point> before = points(first);
    List<Point> after = points(rest);
    for (String tag : List.of("loss", "validation/accuracy", "samples/x_q", "energy/data")) {
      assertThat(steps(after, tag)).as(tag).containsExactly(2L, 4L, 6L);
    }
    assertThat(after.stream().filter(point -> point.tag().equals("loss")).limit(2).toList())
        .isEqualTo(before.stream().filter(point -> point.tag().equals("loss")).toList());
  }

  @Test
  void a_run_and_the_one_that_goes_on_with_it_are_one_in_the_report() throws IOException {
    Path page = logs.resolve("report.html");
    CommandRun run = CommandRun.of("report", logs, "--output", page);
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains(", 1 run\n");
    assertThat(Files.readString(page))
        .contains("\"continues\":[\"a/" + first.getFileName() + "\"]")
        .contains("[2,4,6]");
  }
}
