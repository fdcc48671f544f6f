package org.udge.examples.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunColumnsTest {

  @TempDir private Path folder;

  private RunColumns read(String text) throws IOException {
    return RunColumns.read(Files.writeString(folder.resolve("progress.csv"), text));
  }

  /** A column as "1.0 . ?": numbers, blanks and what is not a number. */
  private static String column(RunColumns columns, String name) {
    return columns.cells().get(columns.names().indexOf(name)).stream()
        .map(
            cell ->
                switch (cell.kind()) {
                  case NUMBER -> String.valueOf(cell.value());
                  case BLANK -> ".";
                  case NOT_A_NUMBER -> "?";
                })
        .collect(Collectors.joining(" "));
  }

  @Test
  void reads_commas_and_tabs() throws IOException {
    assertThat(column(read("a,b\n1,2\n3,4\n"), "b")).isEqualTo("2.0 4.0");
    assertThat(column(read("a\tb, c\r\n1\t2\r\n3\t4e-3\r\n"), "b, c")).isEqualTo("2.0 0.004");
    assertThat(column(read("\ufeff\"a,b\",c\n1,2\n"), "a,b")).isEqualTo("1.0");
  }

  @Test
  void cells_that_are_not_finite_numbers_are_gaps_and_not_zeros() throws IOException {
    assertThat(column(read("a,b\n1,nan\n2,\n3,inf\n4,x\n5,7\n6,-Infinity\n"), "b"))
        .isEqualTo("? . ? ? 7.0 ?");
  }

  @Test
  void short_rows_end_with_blanks() throws IOException {
    assertThat(column(read("a,b\n1\n2,3\n"), "b")).isEqualTo(". 3.0");
  }

  @Test
  void leaves_out_a_last_row_that_is_being_written() throws IOException {
    assertThat(column(read("a,b\n1,2\n3"), "a")).isEqualTo("1.0");
    assertThat(column(read("a,b\n1,2\n3,4"), "a")).isEqualTo("1.0 3.0");
  }

  @Test
  void leaves_out_columns_of_text() throws IOException {
    assertThat(read("a,when,later\n1,noon,\n2,night,\n").names()).containsExactly("a", "later");
  }

  @Test
  void refuses_what_is_no_table() {
    assertRefused("", "it is empty");
    assertRefused("a,b\n1,2\n1,2,3\n", "row 3 has 3 cells, the header 2");
    assertRefused("a,,b\n", "its header has a column without a name");
    assertRefused("a,b,a\n1,2,3\n", "its header names the column 'a' twice");
    assertRefused(
        "1,2\n3,4\n", "its first row has numbers only, expected the names of the columns");
    assertThatThrownBy(() -> read("a,\"b\n1,2\n")).isInstanceOf(IOException.class);
    Path binary = folder.resolve("binary.csv");
    assertThatThrownBy(
            () ->
                RunColumns.read(
                    Files.write(binary, "a,\u00e4\n".getBytes(StandardCharsets.ISO_8859_1))))
        .hasMessage("it is not text in UTF-8");
  }

  private void assertRefused(String text, String message) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(IOException.class).hasMessage(message);
  }

  @Test
  void rows_before_the_break_come_from_the_earlier_table() throws IOException {
    RunColumns earlier = read("steps,loss,old\n1,9,5\n2,8,6\n3,7,7\n");
    RunColumns later = read("steps,loss,new\n3,70,1\n4,60,2\n");
    RunColumns joined = later.after(earlier, "steps");
    assertThat(joined.names()).isEqualTo(List.of("steps", "loss", "new", "old"));
    assertThat(column(joined, "steps")).isEqualTo("1.0 2.0 3.0 4.0");
    assertThat(column(joined, "loss")).isEqualTo("9.0 8.0 70.0 60.0");
    assertThat(column(joined, "new")).isEqualTo(". . 1.0 2.0");
    assertThat(column(joined, "old")).isEqualTo("5.0 6.0 . .");
  }

  @Test
  void seconds_of_our_tables_go_on_over_epochs() throws IOException {
    RunColumns columns =
        read("epoch,steps,seconds,loss\n0,5,2,1\n0,10,4,1\n1,20,5,1\n2,25,,1\n2,30,6,1\n")
            .withElapsedSeconds();
    assertThat(column(columns, "seconds")).isEqualTo("2.0 4.0 9.0 . 15.0");
    assertThat(column(columns, "seconds/epoch")).isEqualTo("2.0 4.0 5.0 . 6.0");
    assertThat(read("steps,epoch,seconds\n1,0,7\n2,1,8\n").withElapsedSeconds().names())
        .containsExactly("steps", "epoch", "seconds");
  }
}
