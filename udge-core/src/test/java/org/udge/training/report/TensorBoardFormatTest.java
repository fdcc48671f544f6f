package org.udge.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.shade.protobuf.ByteString;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;
import org.nd4j.shade.protobuf.UnknownFieldSet;
import org.nd4j.shade.protobuf.Value;
import org.tensorflow.framework.DataType;
import org.tensorflow.framework.HistogramProto;
import org.tensorflow.framework.Summary;

/**
 * What is written, as TensorFlow's own generated classes and protobuf's parser, of ND4J, read it.
 */
class TensorBoardFormatTest {

  /** Three by two pixels. */
  private static final byte[] PNG =
      Base64.getDecoder()
          .decode(
              "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGP8z4AATAxYOQAeMwEDOZ7+HQAAAABJRU5ErkJggg==");

  @TempDir private Path folder;

  /** An event of tensorflow/core/util/event.proto. */
  private record Event(UnknownFieldSet fields) {
    long step() {
      return fields.hasField(2) ? number(fields, 2) : 0;
    }

    double time() {
      return Double.longBitsToDouble(fields.getField(1).getFixed64List().get(0));
    }

    Summary summary() throws InvalidProtocolBufferException {
      return Summary.parseFrom(fields.getField(5).getLengthDelimitedList().get(0));
    }
  }

  private static List<Event> read(Path file) throws IOException {
    List<Event> events = new ArrayList<>();
    EventRecords.read(file, data -> events.add(new Event(UnknownFieldSet.parseFrom(data))));
    return events;
  }

  private static Summary.Value value(Event event) throws InvalidProtocolBufferException {
    assertThat(event.summary().getValueCount()).isOne();
    return event.summary().getValue(0);
  }

  @Test
  void scalars_are_simple_values() throws IOException {
    TensorBoardWriter writer = TensorBoardWriter.create(folder);
    writer.scalars(7, Map.of("loss", 1.5));
    List<Event> events = read(writer.file());
    assertThat(text(events.get(0).fields(), 3)).isEqualTo("brain.Event:2");
    assertThat(events.get(1).step()).isEqualTo(7);
    assertThat(value(events.get(1)).getTag()).isEqualTo("loss");
    assertThat(value(events.get(1)).getSimpleValue()).isEqualTo(1.5f);
  }

  @Test
  void pictures_are_images_with_their_size() throws IOException {
    TensorBoardWriter writer = TensorBoardWriter.create(folder);
    writer.image(3, "samples", PNG);
    Summary.Image image = value(read(writer.file()).get(1)).getImage();
    assertThat(image.getWidth()).isEqualTo(3);
    assertThat(image.getHeight()).isEqualTo(2);
    assertThat(image.getColorspace()).isEqualTo(3);
    assertThat(image.getEncodedImageString()).isEqualTo(ByteString.copyFrom(PNG));
    assertThatThrownBy(() -> writer.image(3, "samples", new byte[100]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the picture 'samples' is not a PNG file");
  }

  @Test
  void histograms_count_every_finite_value_once() throws IOException {
    TensorBoardWriter writer = TensorBoardWriter.create(folder);
    double[] values = {-1, -1, 0, 0.5, 2, Double.NaN, Double.POSITIVE_INFINITY};
    writer.histogram(4, "energy/data", values);
    HistogramProto histogram = value(read(writer.file()).get(1)).getHisto();
    assertThat(histogram.getMin()).isEqualTo(-1);
    assertThat(histogram.getMax()).isEqualTo(2);
    assertThat(histogram.getNum()).isEqualTo(5);
    assertThat(histogram.getSum()).isEqualTo(0.5);
    assertThat(histogram.getSumSquares()).isEqualTo(6.25);
    assertThat(histogram.getBucketLimitList()).hasSize(30).isSorted().last().isEqualTo(2.0);
    assertThat(histogram.getBucketLimit(0)).isCloseTo(-0.9, within(1e-12));
    List<Double> counts = histogram.getBucketList();
    assertThat(counts.stream().mapToDouble(Double::doubleValue).sum()).isEqualTo(5);
    assertThat(counts.get(0)).isEqualTo(2);
    assertThat(counts.get(29)).isEqualTo(1);
  }

  @Test
  void histograms_of_one_value_and_of_the_widest_range_are_whole() throws IOException {
    TensorBoardWriter writer = TensorBoardWriter.create(folder);
    writer.histogram(1, "a", 3, 3, 3);
    writer.histogram(1, "b", -Double.MAX_VALUE, 0, Double.MAX_VALUE);
    for (Event event : read(writer.file()).subList(1, 3)) {
      HistogramProto histogram = value(event).getHisto();
      assertThat(histogram.getBucketList().stream().mapToDouble(Double::doubleValue).sum())
          .isEqualTo(3);
      assertThat(histogram.getBucketLimitList()).allMatch(Double::isFinite);
    }
    assertThatThrownBy(() -> writer.histogram(1, "c", Double.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the histogram 'c' has no finite value");
  }

  @Test
  void hyperparameters_are_what_the_plugin_reads() throws IOException {
    TensorBoardWriter writer = TensorBoardWriter.create(folder);
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("lr", 0.1);
    settings.put("guard", true);
    settings.put("norm", "batch");
    writer.hyperparameters(settings, List.of("loss"));
    writer.end(true);
    Map<String, UnknownFieldSet> contents = new HashMap<>();
    for (Event event : read(writer.file()).subList(1, 4)) {
      Summary.Value value = value(event);
      assertThat(value.getMetadata().getPluginData().getPluginName()).isEqualTo("hparams");
      assertThat(value.getTensor().getDtype()).isEqualTo(DataType.DT_FLOAT);
      assertThat(value.getTensor().getTensorShape().getDim(0).getSize()).isOne();
      contents.put(
          value.getTag(),
          UnknownFieldSet.parseFrom(value.getMetadata().getPluginData().getContent()));
    }
    // Field numbers of tensorboard/plugins/hparams/{plugin_data,api}.proto.
    UnknownFieldSet experiment = message(contents.get("_hparams_/experiment"), 2, 0);
    assertThat(text(message(experiment, 4, 0), 1)).isEqualTo("lr");
    assertThat(number(message(experiment, 4, 0), 4)).isEqualTo(3);
    assertThat(number(message(experiment, 4, 1), 4)).isEqualTo(2);
    assertThat(number(message(experiment, 4, 2), 4)).isEqualTo(1);
    assertThat(text(message(message(experiment, 5, 0), 1, 0), 2)).isEqualTo("loss");
    UnknownFieldSet start = message(contents.get("_hparams_/session_start_info"), 3, 0);
    Map<String, Value> given = new HashMap<>();
    for (ByteString entry : start.getField(1).getLengthDelimitedList()) {
      UnknownFieldSet parsed = UnknownFieldSet.parseFrom(entry);
      given.put(
          text(parsed, 1), Value.parseFrom(parsed.getField(2).getLengthDelimitedList().get(0)));
    }
    assertThat(given.get("lr").getNumberValue()).isEqualTo(0.1);
    assertThat(given.get("guard").getBoolValue()).isTrue();
    assertThat(given.get("norm").getStringValue()).isEqualTo("batch");
    assertThat(number(message(contents.get("_hparams_/session_end_info"), 4, 0), 1)).isOne();
  }

  private static UnknownFieldSet message(UnknownFieldSet parent, int field, int index)
      throws InvalidProtocolBufferException {
    return UnknownFieldSet.parseFrom(parent.getField(field).getLengthDelimitedList().get(index));
  }

  private static String text(UnknownFieldSet parent, int field) {
    return parent.getField(field).getLengthDelimitedList().get(0).toStringUtf8();
  }

  private static long number(UnknownFieldSet parent, int field) {
    return parent.getField(field).getVarintList().get(0);
  }

  @Test
  void what_goes_on_elsewhere_begins_with_a_copy_that_keeps_its_times() throws Exception {
    TensorBoardWriter earlier = TensorBoardWriter.create(folder.resolve("a"));
    earlier.hyperparameters(Map.of("lr", 1), List.of());
    for (int step = 1; step <= 4; step++) {
      earlier.scalars(step, Map.of("loss", (double) step));
    }
    // A process killed while it wrote.
    Files.write(earlier.file(), new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
    Thread.sleep(10);
    TensorBoardWriter later = TensorBoardWriter.create(folder.resolve("b"));
    assertThat(later.copy(folder.resolve("a"), 2)).isTrue();
    assertThat(later.copy(folder.resolve("absent"), 2)).isFalse();
    later.scalars(3, Map.of("loss", 30.0));
    List<Event> before = read(earlier.file());
    List<Event> after = read(later.file());
    assertThat(after.stream().map(Event::step)).containsExactly(0L, 1L, 2L, 3L);
    assertThat(after.subList(1, 3)).isEqualTo(before.subList(3, 5));
  }

  @Test
  void taking_back_is_a_session_that_starts() throws IOException {
    TensorBoardWriter writer = TensorBoardWriter.create(folder);
    writer.rollBack(5);
    Event event = read(writer.file()).get(1);
    // SessionLog.START.
    assertThat(number(message(event.fields(), 7, 0), 1)).isOne();
    assertThat(event.step()).isEqualTo(6);
    assertThat(event.time()).isGreaterThan(1.6e9);
  }
}
