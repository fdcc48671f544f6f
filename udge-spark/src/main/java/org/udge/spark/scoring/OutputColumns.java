package org.udge.spark.scoring;

import static org.udge.internal.Preconditions.checkArgument;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.udge.Calibration;
import org.udge.serving.ScoredImage;

/** The columns that scoring adds, in order; those without a name are omitted. */
record OutputColumns(List<Column> columns) implements Serializable {

  /** The content of a column for an image. */
  enum Content {
    PREDICTION(DataTypes.DoubleType) {
      @Override
      Object of(ScoredImage image, @Nullable Calibration calibration) {
        return (double) image.label();
      }
    },
    PROBABILITY(SQLDataTypes.VectorType()) {
      @Override
      Object of(ScoredImage image, @Nullable Calibration calibration) {
        return Vectors.dense(image.logits().probabilities(0));
      }
    },
    CALIBRATED(SQLDataTypes.VectorType()) {
      @Override
      @Nullable Object of(ScoredImage image, @Nullable Calibration calibration) {
        return calibration == null
            ? null
            : Vectors.dense(calibration.apply(image.logits()).probabilities(0));
      }
    },
    LOG_DENSITY(DataTypes.DoubleType) {
      @Override
      Object of(ScoredImage image, @Nullable Calibration calibration) {
        return image.logDensity();
      }
    },
    SCORE(DataTypes.DoubleType) {
      @Override
      Object of(ScoredImage image, @Nullable Calibration calibration) {
        return image.score();
      }
    },
    IN_DISTRIBUTION(DataTypes.BooleanType) {
      @Override
      @Nullable Object of(ScoredImage image, @Nullable Calibration calibration) {
        return image.inDistribution().orElse(null);
      }
    },
    /** The reason why the other columns are null. */
    ERROR(DataTypes.StringType) {
      @Override
      @Nullable Object of(ScoredImage image, @Nullable Calibration calibration) {
        return null;
      }
    };

    @SuppressWarnings("Immutable") // Spark's simple types are immutable.
    private final DataType type;

    Content(DataType type) {
      this.type = type;
    }

    abstract @Nullable Object of(ScoredImage image, @Nullable Calibration calibration);
  }

  /** A column to add. */
  record Column(String name, Content content) implements Serializable {}

  OutputColumns {
    columns = columns.stream().filter(column -> !column.name.isEmpty()).toList();
  }

  /**
   * A table with these columns added.
   *
   * @throws IllegalArgumentException if one already exists
   */
  StructType addTo(StructType schema) {
    StructType more = schema;
    for (Column column : columns) {
      checkArgument(
          !Arrays.asList(more.fieldNames()).contains(column.name),
          "there is a column '%s' already: choose another name for the one to add, or none (\"\")",
          column.name);
      more = more.add(column.name, column.content.type, true);
    }
    return more;
  }

  List<@Nullable Object> values(ScoredImage image, @Nullable Calibration calibration) {
    List<@Nullable Object> values = new ArrayList<>();
    columns.forEach(column -> values.add(column.content.of(image, calibration)));
    return values;
  }

  List<@Nullable Object> values(String error) {
    List<@Nullable Object> values = new ArrayList<>();
    columns.forEach(column -> values.add(column.content == Content.ERROR ? error : null));
    return values;
  }
}
