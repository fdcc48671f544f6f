package org.udge.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {

  private static final float[][] ROWS = {{1, 10, 5}, {3, 30, 5}, {5, 50, 5}};

  private final Table table = Table.of("table", List.of("no", "yes"), ROWS, 0, 1, -1);

  @Test
  void rows_are_images_of_single_pixels() {
    assertThat(table.shape()).isEqualTo(new ImageShape(3, 1, 1));
    assertThat(table.size()).isEqualTo(3);
    Batch batch = table.read(2, 0);
    assertThat(batch.images().shape()).containsExactly(2, 3, 1, 1);
    assertThat(batch.images().getFloat(0, 1, 0, 0)).isEqualTo(50);
    assertThat(batch.labels()).containsExactly(-1, 0);
    assertThat(table.label(1)).isEqualTo(1);
    assertThat(Table.unlabeled("rows", ROWS).classNames()).isEmpty();
  }

  @Test
  void standardizes_in_the_units_of_the_training_rows() {
    float[] row = new float[3];
    table.standardized(table).read(2, row, 0);
    double deviation = Math.sqrt(8.0 / 3);
    assertThat(row[0]).isCloseTo((float) (2 / deviation), within(1e-6f));
    assertThat(row[1]).isCloseTo((float) (2 / deviation), within(1e-6f));
    assertThat(row[2]).isZero();
    Table other = Table.unlabeled("other", new float[][] {{3, 30, 6}});
    other.standardized(table).read(0, row, 0);
    assertThat(row).containsExactly(0, 0, 1);
  }

  @Test
  void is_not_changed_by_changes_of_the_arrays_it_was_made_of() {
    float[][] rows = {{1}, {2}};
    int[] labels = {0, 0};
    Table made = Table.of("rows", List.of("a"), rows, labels);
    rows[0][0] = 7;
    labels[0] = 9;
    float[] target = new float[1];
    assertThat(made.read(0, target, 0)).isZero();
    assertThat(target).containsExactly(1);
  }

  @Test
  void refuses_what_is_no_table() {
    List<String> names = List.of("a");
    assertThatThrownBy(() -> Table.of("t", names, new float[0][]))
        .hasMessage("t has no row or no feature");
    assertThatThrownBy(() -> Table.of("t", names, new float[][] {{1}, {1, 2}}, 0, 0))
        .hasMessage("row 1 has 2 features, row 0 has 1");
    assertThatThrownBy(() -> Table.of("t", names, new float[][] {{1, Float.NaN}}, 0))
        .hasMessage("feature 1 of row 0 is NaN");
    assertThatThrownBy(() -> Table.of("t", names, new float[][] {{1}}, 1))
        .hasMessage("labels must be 0 to 0, that of row 0 is 1");
    assertThatThrownBy(() -> Table.of("t", names, new float[][] {{1}}, 0, 0))
        .hasMessage("there must be a label for each row: 1 rows, 2 labels");
    assertThatThrownBy(() -> table.standardized(Table.unlabeled("narrow", new float[][] {{1}})))
        .hasMessage("table has 3 features, narrow has 1");
  }

  @Test
  void classes_are_matched_by_name() {
    ImageSource matched = table.matchedTo(List.of("maybe", "yes", "no"));
    assertThat(matched.classNames()).containsExactly("maybe", "yes", "no");
    assertThat(matched.label(0)).isEqualTo(2);
    assertThat(matched.read(0, 1, 2).labels()).containsExactly(2, 1, -1);
    assertThat(table.matchedTo(List.of("no", "yes"))).isSameAs(table);
    assertThat(table.matchedTo(List.of("0", "1")).label(1)).isEqualTo(1);
    assertThat(Table.unlabeled("bare", ROWS).matchedTo(List.of("x")).label(0)).isEqualTo(-1);
  }

  @Test
  void classes_that_cannot_be_matched_are_refused() {
    assertThatThrownBy(() -> table.matchedTo(List.of("no", "disc")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "table has classes that the model does not know: [yes]; the model's are [no, disc]");
    assertThatThrownBy(() -> table.matchedTo(List.of("0", "1", "2")))
        .hasMessage("table has 2 classes, the model has 3: [no, yes] and [0, 1, 2]");
    assertThatThrownBy(() -> table.matchedTo(List.of("no", "yes", "yes")))
        .hasMessage(
            "classes of table cannot be matched by name, since a name is there twice: [no, yes] and"
                + " [no, yes, yes]");
  }
}
