package org.udge.spark.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** Rows of a table as images. */
final class ExampleRows {

  private ExampleRows() {}

  static JavaRDD<Example> of(Dataset<Row> rows, String pixels, String label) {
    DataType found = type(rows, pixels);
    checkArgument(
        found instanceof ArrayType array && array.elementType().equals(DataTypes.FloatType),
        "column '%s' must be an array of floats, is %s",
        pixels,
        found.simpleString());
    checkArgument(
        List.of(DataTypes.IntegerType, DataTypes.LongType, DataTypes.ShortType)
            .contains(type(rows, label)),
        "column '%s' must be a whole number, is %s",
        label,
        type(rows, label).simpleString());
    return rows.select(pixels, label).javaRDD().map(ExampleRows::example);
  }

  private static DataType type(Dataset<Row> rows, String column) {
    checkArgument(
        Arrays.asList(rows.columns()).contains(column),
        "there is no column '%s', only %s",
        column,
        Arrays.asList(rows.columns()));
    return rows.schema().apply(column).dataType();
  }

  private static Example example(Row row) {
    checkArgument(!row.isNullAt(0) && !row.isNullAt(1), "a row has no pixels or no label: %s", row);
    List<Float> values = row.getList(0);
    float[] pixels = new float[values.size()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = values.get(i);
    }
    return new Example(pixels, ((Number) row.get(1)).intValue());
  }
}
