package org.udge.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardWriterTest {

  @TempDir private Path folder;

  @Test
  void parses_back() throws IOException {
    TensorBoardWriter writer = TensorBoardWriter.create(folder);
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss", 1.5);
    values.put("validation/accuracy", 0.25);
    writer.scalars(300, values);
    writer.scalars(1L << 40, Map.of("loss", -2.0));

    List<Map<String, Object>> parsed = Events.read(writer.file());
    assertThat(parsed).hasSize(3);
    assertThat(parsed.get(0)).containsEntry("version", "brain.Event:2").containsEntry("step", 0L);
    assertThat(parsed.get(1))
        .containsEntry("step", 300L)
        .containsEntry("loss", 1.5f)
        .containsEntry("validation/accuracy", 0.25f);
    assertThat(parsed.get(2)).containsEntry("step", 1L << 40).containsEntry("loss", -2f);
    assertThat((double) parsed.get(1).get("time"))
        .isCloseTo(System.currentTimeMillis() / 1e3, within(3600.0));
  }

  @Test
  void masks_checksums_as_tfrecords_do() {
    // CRC-32C of "123456789" is e3069283.
    int expected = Integer.rotateRight(0xe3069283, 15) + 0xa282ead8;
    assertThat(EventRecords.maskedChecksum("123456789".getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo(expected);
  }

  @Test
  void takes_back_what_was_written_of_later_steps() throws IOException {
    TensorBoardWriter writer = TensorBoardWriter.create(folder);
    writer.scalars(10, Map.of("loss", 1.0));
    writer.rollBack(5);
    List<Map<String, Object>> parsed = Events.read(writer.file());
    // SessionLog.START, from whose step on TensorBoard drops points.
    assertThat(parsed.get(2)).containsEntry("session_status", 1L).containsEntry("step", 6L);
  }

  @Test
  void files_of_the_same_second_are_different() throws IOException {
    TensorBoardWriter first = TensorBoardWriter.create(folder);
    TensorBoardWriter second = TensorBoardWriter.create(folder);
    assertThat(first.file()).isNotEqualTo(second.file()).exists();
  }

  @Test
  void names_the_file_where_its_folder_was_deleted() throws IOException {
    Path run = folder.resolve("run");
    TensorBoardWriter writer = TensorBoardWriter.create(run);
    Files.delete(writer.file());
    Files.delete(run);
    assertThatThrownBy(() -> writer.scalars(1, Map.of("loss", 1.0)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "cannot write %s: its folder %s was deleted or moved meanwhile", writer.file(), run);
  }
}
