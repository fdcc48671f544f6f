package org.udge.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;

class NpyWriterTest {

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name_the_file() {
    file = folder.resolve("out.npy");
  }

  @Test
  void writes_rows_that_nd4j_reads() throws IOException {
    try (NpyWriter writer = NpyWriter.create(file, ElementType.FLOAT32, 2, 2)) {
      writer.append(1f, 2f, 3f, 4f);
      writer.append(5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0);
      writer.commit();
    }
    assertThat(Nd4j.createFromNpyFile(file.toFile()))
        .isEqualTo(Nd4j.createFromArray(1f, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12).reshape(3, 2, 2));
  }

  @Test
  void writes_every_type_it_offers() throws IOException {
    for (ElementType type :
        new ElementType[] {ElementType.FLOAT32, ElementType.FLOAT64, ElementType.INT64}) {
      try (NpyWriter writer = NpyWriter.create(file, type)) {
        writer.append(-3.0, 1L << 40);
        writer.commit();
      }
      Tensor read = NpyFile.read(file);
      assertThat(read.type()).isEqualTo(type);
      assertThat(read.shape()).containsExactly(2);
      assertThat(read.toDoubles()).containsExactly(-3, 1L << 40);
    }
  }

  @Test
  void writes_an_array_without_rows() throws IOException {
    try (NpyWriter writer = NpyWriter.create(file, ElementType.FLOAT32, 5)) {
      writer.commit();
    }
    assertThat(NpyFile.read(file).shape()).containsExactly(0, 5);
  }

  @Test
  void leaves_the_old_file_alone_until_committed() throws IOException {
    Files.writeString(file, "old");
    try (NpyWriter writer = NpyWriter.create(file, ElementType.FLOAT32)) {
      writer.append(new float[100_000]);
      assertThat(file).hasContent("old");
    }
    assertThat(file).hasContent("old");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void leaves_no_temporary_file_when_committed() throws IOException {
    try (NpyWriter writer = NpyWriter.create(file, ElementType.FLOAT32)) {
      writer.append(1f);
      writer.commit();
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void refuses_rows_that_are_not_whole() throws IOException {
    try (NpyWriter writer = NpyWriter.create(file, ElementType.FLOAT32, 3)) {
      assertThatThrownBy(() -> writer.append(1f, 2f, 3f, 4f))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("out.npy", "rows", "have 3 elements", "4 elements");
    }
  }

  @Test
  void refuses_rows_after_the_commit() throws IOException {
    try (NpyWriter writer = NpyWriter.create(file, ElementType.FLOAT32)) {
      writer.commit();
      assertThatThrownBy(() -> writer.append(1f))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("out.npy is finished");
      assertThatThrownBy(writer::commit)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("out.npy is finished");
    }
  }

  @Test
  void refuses_types_it_does_not_offer() {
    assertThatThrownBy(() -> NpyWriter.create(file, ElementType.BFLOAT16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("element type must be FLOAT32, FLOAT64 or INT64, was BFLOAT16");
  }

  @Test
  void refuses_a_bad_row_shape() {
    assertThatThrownBy(() -> NpyWriter.create(file, ElementType.FLOAT32, 3, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("row shape must have at most 6 sizes, each at least 1, was [3, 0]");
  }
}
