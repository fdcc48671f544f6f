package org.udge.spark.scoring;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.udge.spark.TestImages;

/** Programs of the proof: writes many PNG files into a table, and looks at what became of them. */
public final class ManyImages {

  private ManyImages() {}

  /**
   * Runs one of the two.
   *
   * @param arguments {@code write FOLDER COUNT} or {@code check FOLDER COUNT}
   */
  public static void main(String... arguments) throws IOException {
    try (SparkSession spark = SparkSession.builder().appName("many images").getOrCreate()) {
      long count = Long.parseLong(arguments[2]);
      if (arguments[0].equals("write")) {
        write(spark, arguments[1], count);
      } else {
        check(spark, arguments[1], count);
      }
    }
  }

  private static void write(SparkSession spark, String folder, long count) {
    StructType schema =
        new StructType().add("id", DataTypes.LongType).add("content", DataTypes.BinaryType);
    MapPartitionsFunction<Row, Row> draw =
        ids ->
            new Iterator<>() {
              @Override
              public boolean hasNext() {
                return ids.hasNext();
              }

              @Override
              public Row next() {
                long id = ids.next().getLong(0);
                ByteArrayOutputStream png = new ByteArrayOutputStream();
                try {
                  ImageIO.write(TestImages.image(id), "png", png);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
                return RowFactory.create(id, png.toByteArray());
              }
            };
    spark
        .range(0, count, 1, 16)
        .toDF()
        .mapPartitions(draw, Encoders.row(schema))
        .write()
        .parquet(folder);
  }

  private static void check(SparkSession spark, String folder, long count) {
    Dataset<Row> scored = spark.read().parquet(folder);
    Row found =
        scored
            .selectExpr(
                "count(*)",
                "count(distinct id)",
                "min(id)",
                "max(id)",
                "count(logDensity)",
                "count(error)",
                "sum(logDensity)")
            .head();
    System.out.println(
        "rows, distinct, first, last, scored, broken, sum of log p(x): " + found.mkString(", "));
    if (found.getLong(0) != count
        || found.getLong(1) != count
        || found.getLong(2) != 0
        || found.getLong(3) != count - 1
        || found.getLong(4) != count) {
      throw new IllegalStateException("images were lost or scored twice: " + found);
    }
  }
}
