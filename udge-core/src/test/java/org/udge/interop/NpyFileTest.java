package org.udge.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class NpyFileTest {

  private static final double[] COUNT = new double[24];

  static {
    Arrays.setAll(COUNT, i -> i);
  }

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "little_f8,      FLOAT64",
    "big_f8,         FLOAT64",
    "little_f4,      FLOAT32",
    "big_f4,         FLOAT32",
    "little_f2,      FLOAT16",
    "little_i8,      INT64",
    "big_i8,         INT64",
    "little_i4,      INT32",
    "little_i2,      INT16",
    "i1,             INT8",
    "u1,             UINT8",
    "fortran,        FLOAT32",
    "version2,       FLOAT32",
    "version3,       FLOAT32"
  })
  void reads_every_layout_whole_and_by_rows(String name, ElementType type) throws IOException {
    Path file = Resources.numpy(name + ".npy");
    Tensor whole = NpyFile.read(file);
    assertThat(whole.type()).isEqualTo(type);
    assertThat(whole.shape()).containsExactly(4, 2, 3);
    assertThat(whole.toDoubles()).containsExactly(COUNT);
    try (NpyFile array = NpyFile.open(file)) {
      assertThat(array.type()).isEqualTo(type);
      assertThat(array.shape()).containsExactly(4, 2, 3);
      assertThat(array.rows()).isEqualTo(4);
      assertThat(array.rowSize()).isEqualTo(6);
      double[] doubles = new double[13];
      array.readRows(1, 2, doubles, 1);
      assertThat(doubles).containsExactly(0, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17);
      float[] floats = new float[6];
      array.readRows(3, 1, floats, 0);
      assertThat(floats).containsExactly(18, 19, 20, 21, 22, 23);
    }
  }

  @Test
  void reads_truth_values() throws IOException {
    assertThat(NpyFile.read(Resources.numpy("bool.npy")).toLongs()).startsWith(0, 1, 0, 1);
  }

  @Test
  void reads_whole_numbers_exactly() throws IOException {
    Tensor tensor = NpyFile.read(Resources.numpy("large_integer.npy"));
    assertThat(tensor.toLongs()).containsExactly((1L << 62) + 1);
  }

  @Test
  void reads_single_numbers_vectors_and_empty_arrays() throws IOException {
    assertThat(NpyFile.read(Resources.numpy("scalar.npy")).getDouble()).isEqualTo(2.5);
    assertThat(NpyFile.read(Resources.numpy("empty.npy")).shape()).containsExactly(0, 3);
    try (NpyFile scalar = NpyFile.open(Resources.numpy("scalar.npy"));
        NpyFile vector = NpyFile.open(Resources.numpy("fortran_vector.npy"));
        NpyFile empty = NpyFile.open(Resources.numpy("empty.npy"))) {
      double[] value = new double[1];
      scalar.readRows(0, 1, value, 0);
      assertThat(value).containsExactly(2.5);
      vector.readRows(23, 1, value, 0);
      assertThat(value).containsExactly(23);
      assertThat(empty.rows()).isZero();
      assertThat(empty.rowSize()).isEqualTo(3);
    }
  }

  @Test
  void reads_what_nd4j_reads() throws IOException {
    Path file = Resources.golden("x.npy");
    INDArray expected = Nd4j.createFromNpyFile(file.toFile());
    Tensor tensor = NpyFile.read(file);
    assertThat(tensor.shape()).containsExactly(8, 3, 32, 32);
    assertThat(tensor.toINDArray()).isEqualTo(expected);
    try (NpyFile array = NpyFile.open(file)) {
      float[] row = new float[3072];
      array.readRows(5, 1, row, 0);
      assertThat(row).isEqualTo(expected.slice(5).dup().data().asFloat());
    }
  }

  @Test
  void reads_runs_longer_than_its_buffer() throws IOException {
    Path file = folder.resolve("long.npy");
    float[] values = new float[200_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    try (NpyWriter writer = NpyWriter.create(file, ElementType.FLOAT32, 2)) {
      writer.append(values);
      writer.commit();
    }
    try (NpyFile array = NpyFile.open(file)) {
      float[] read = new float[199_998];
      array.readRows(1, 99_999, read, 0);
      assertThat(read).isEqualTo(Arrays.copyOfRange(values, 2, values.length));
    }
  }

  @Test
  void refuses_a_truncated_file_with_expected_and_found_bytes() throws IOException {
    byte[] whole = Files.readAllBytes(Resources.numpy("little_f4.npy"));
    Path file = Files.write(folder.resolve("cut.npy"), Arrays.copyOf(whole, whole.length - 5));
    assertThatThrownBy(() -> NpyFile.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(
            "cannot read the NumPy array",
            "cut.npy",
            "has " + (whole.length - 5) + " bytes, expected " + whole.length,
            "[4, 2, 3] of FLOAT32");
  }

  @Test
  void refuses_bytes_after_the_array() throws IOException {
    byte[] whole = Files.readAllBytes(Resources.numpy("little_f4.npy"));
    Path file = Files.write(folder.resolve("long.npy"), Arrays.copyOf(whole, whole.length + 1));
    assertThatThrownBy(() -> NpyFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has " + (whole.length + 1) + " bytes, expected " + whole.length);
  }

  @Test
  void refuses_a_file_cut_within_its_header() throws IOException {
    byte[] whole = Files.readAllBytes(Resources.numpy("little_f4.npy"));
    for (int length = 0; length < 128; length++) {
      Path file = Files.write(folder.resolve("cut.npy"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> NpyFile.open(file))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cut.npy")
          .hasMessageContaining(length < 8 ? "not a NumPy array" : "cut short within its header");
    }
  }

  @Test
  void refuses_another_format() {
    assertThatThrownBy(() -> NpyFile.open(Resources.pytorch("flat.pt")))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("flat.pt", "it is not a NumPy array");
  }

  @ParameterizedTest
  @CsvSource({"complex, <c8", "text, <U1", "fields, '[(a, <f4), (b, <i4)]'", "objects, |O"})
  void refuses_other_elements(String name, String type) {
    assertThatThrownBy(() -> NpyFile.open(Resources.numpy(name + ".npy")))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(
            name + ".npy",
            "its elements are of the type " + type + ", expected one of b1, f2, f4, f8, i1");
  }

  @Test
  void refuses_a_later_version() throws IOException {
    byte[] bytes = Files.readAllBytes(Resources.numpy("little_f4.npy"));
    bytes[6] = 4;
    Path file = Files.write(folder.resolve("later.npy"), bytes);
    assertThatThrownBy(() -> NpyFile.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("version 4 of the npy format, expected 1, 2 or 3");
  }

  @Test
  void refuses_a_header_of_absurd_length() throws IOException {
    byte[] bytes = Files.readAllBytes(Resources.numpy("version2.npy"));
    ByteBuffer.wrap(bytes).putInt(8, 0xffffff7f);
    Path file = Files.write(folder.resolve("absurd.npy"), bytes);
    assertThatThrownBy(() -> NpyFile.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("header claims 2147483647 bytes, expected at most 10000");
  }

  @ParameterizedTest
  @CsvSource({
    "'(4, 2, 3)', '(9999999999, 9999999999)', too large",
    "'(4, 2, 3)', '(99999999999999999999,)',  expected whole numbers",
    "'shape',     'shave',                    not that of an npy file"
  })
  void refuses_a_bad_header(String old, String replacement, String reason) throws IOException {
    byte[] bytes = Files.readAllBytes(Resources.numpy("little_f4.npy"));
    String text = new String(bytes, 0, 128, StandardCharsets.ISO_8859_1);
    String changed = text.replace(old, replacement).substring(0, 128);
    Path file =
        Files.write(folder.resolve("bad.npy"), changed.getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> NpyFile.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("bad.npy", reason);
  }

  @Test
  void refuses_rows_that_are_not_there() throws IOException {
    try (NpyFile array = NpyFile.open(Resources.numpy("little_f4.npy"))) {
      float[] target = new float[60];
      assertThatThrownBy(() -> array.readRows(3, 2, target, 0))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContainingAll("rows 3 to 5 of 4", "little_f4.npy");
      assertThatThrownBy(() -> array.readRows(-1, 1, target, 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> array.readRows(0, 2, new float[11], 0))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContainingAll("12", "11");
    }
  }

  @Test
  void names_a_missing_file() {
    assertThatThrownBy(() -> NpyFile.open(folder.resolve("missing.npy")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("missing.npy: no such file");
  }
}
