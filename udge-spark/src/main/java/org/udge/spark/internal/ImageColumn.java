package org.udge.spark.internal;

import static org.udge.internal.Preconditions.checkArgument;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.Classifier;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.datasets.formats.ImageDecoder;
import org.udge.internal.HostImages;

/**
 * A column of images in any of Spark's representations.
 *
 * @serial exclude
 */
public final class ImageColumn implements Serializable {

  private static final long serialVersionUID = 1;

  /** The required names and types of Spark's {@code image} schema. */
  private static final List<StructField> IMAGE_FIELDS =
      List.of(
          field("origin", DataTypes.StringType),
          field("height", DataTypes.IntegerType),
          field("width", DataTypes.IntegerType),
          field("nChannels", DataTypes.IntegerType),
          field("mode", DataTypes.IntegerType),
          field("data", DataTypes.BinaryType));

  /** OpenCV's codes of 8-bit pixel types, the values of {@code mode}. */
  private static final int GRAY = 0;

  private static final int BGR = 16;
  private static final int BGRA = 24;

  private enum Form {
    /** The bytes of a PNG, JPEG, GIF, BMP or WebP file. */
    FILE,
    /** Spark's {@code image} schema: rows of pixels, blue first. */
    IMAGE,
    /** Numbers in the order channel, row, column, in the model's range. */
    FLOATS,
    DOUBLES
  }

  private final Form form;
  private final int index;

  /** Index of the column that names the file, as in {@code binaryFile}; -1 if there is none. */
  private final int path;

  private ImageColumn(Form form, int index, int path) {
    this.form = form;
    this.index = index;
    this.path = path;
  }

  private static StructField field(String name, DataType type) {
    return DataTypes.createStructField(name, type, true);
  }

  /**
   * Finds a column.
   *
   * @param schema of the table
   * @param name of the column
   * @return the column
   * @throws IllegalArgumentException if it is absent or cannot hold images
   */
  public static ImageColumn of(StructType schema, String name) {
    checkArgument(
        Arrays.asList(schema.fieldNames()).contains(name),
        "there is no column '%s' (inputCol), there are %s",
        name,
        Arrays.toString(schema.fieldNames()));
    DataType type = schema.apply(name).dataType();
    int path =
        Arrays.asList(schema.fieldNames()).contains("path")
                && schema.apply("path").dataType().equals(DataTypes.StringType)
            ? schema.fieldIndex("path")
            : -1;
    return new ImageColumn(form(name, type), schema.fieldIndex(name), path);
  }

  private static Form form(String name, DataType type) {
    if (type.equals(DataTypes.BinaryType)) {
      return Form.FILE;
    }
    if (type instanceof ArrayType array && array.elementType().equals(DataTypes.FloatType)) {
      return Form.FLOATS;
    }
    if (type instanceof ArrayType array && array.elementType().equals(DataTypes.DoubleType)) {
      return Form.DOUBLES;
    }
    boolean image =
        type instanceof StructType struct
            && IMAGE_FIELDS.stream()
                .allMatch(
                    wanted ->
                        Arrays.stream(struct.fields())
                            .anyMatch(
                                field ->
                                    field.name().equals(wanted.name())
                                        && field.dataType().equals(wanted.dataType())));
    checkArgument(
        image,
        "column '%s' (inputCol) holds %s: expected binary (the bytes of image files), Spark's image"
            + " schema, or array<float> or array<double> (pixels in the order channel, row,"
            + " column)",
        name,
        type.simpleString());
    return Form.IMAGE;
  }

  /**
   * The name of a row's image for messages.
   *
   * @param row a row of the table
   * @return its path or origin, if the row contains it
   */
  public String name(Row row) {
    if (path >= 0 && !row.isNullAt(path)) {
      return row.getString(path);
    }
    if (form == Form.IMAGE && !row.isNullAt(index)) {
      Row image = row.getStruct(index);
      int origin = image.fieldIndex("origin");
      if (!image.isNullAt(origin) && !image.getString(origin).isEmpty()) {
        return image.getString(origin);
      }
    }
    return "in this row";
  }

  /**
   * Copies a row's image.
   *
   * @param row a row of the table
   * @param model determines shape and range
   * @param target receives its pixels, in the model's range
   * @param offset where in the target to start
   * @throws IOException if there is none, or it is damaged; the message names it
   */
  public void read(Row row, Classifier model, float[] target, int offset) throws IOException {
    String name = name(row);
    if (row.isNullAt(index)) {
      throw new IOException("cannot read the image " + name + ": it is null");
    }
    ImageShape shape = model.shape();
    switch (form) {
      case FILE -> {
        ImageDecoder.ofDefaults().decode(row.<byte[]>getAs(index), name, shape, target, offset);
        scale(model, target, offset);
      }
      case IMAGE -> {
        ImageDecoder.resize(pixels(row.getStruct(index), name), shape, target, offset);
        scale(model, target, offset);
      }
      case FLOATS, DOUBLES -> copy(row.<Number>getList(index), name, shape, target, offset);
      default -> throw new AssertionError(form);
    }
  }

  /**
   * Creates a batch of images that were read one after the other.
   *
   * @param pixels pixels of at least as many images
   * @param shape shape of one image
   * @param count number of images to use, from the first on
   * @return a new array, [N, C, H, W]
   */
  public static INDArray batch(float[] pixels, ImageShape shape, int count) {
    int used = count * shape.size();
    return HostImages.array(
        used == pixels.length ? pixels : Arrays.copyOf(pixels, used), shape.batch(count));
  }

  /** Scales from [-1, 1] to the model's range. */
  private static void scale(Classifier model, float[] target, int offset) {
    model
        .pixelRange()
        .orElse(PixelRange.SIGNED)
        .scale(target, offset, offset + model.shape().size());
  }

  private static void copy(
      List<Number> numbers, String name, ImageShape shape, float[] target, int offset)
      throws IOException {
    if (numbers.size() != shape.size()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "cannot read the image %s: it has %d numbers, the model expects %d (%s)",
              name,
              numbers.size(),
              shape.size(),
              shape));
    }
    int i = 0;
    for (Number number : numbers) {
      if (number == null || !Float.isFinite(number.floatValue())) {
        throw new IOException(
            String.format(
                Locale.ROOT, "cannot read the image %s: its number %d is %s", name, i, number));
      }
      target[offset + i++] = number.floatValue();
    }
  }

  private static BufferedImage pixels(Row image, String name) throws IOException {
    int height = image.<Integer>getAs("height");
    int width = image.<Integer>getAs("width");
    int mode = image.<Integer>getAs("mode");
    byte[] data = image.getAs("data");
    int channels = mode == GRAY ? 1 : mode == BGR ? 3 : mode == BGRA ? 4 : 0;
    if (channels == 0 || height < 1 || width < 1) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "cannot read the image %s: %d x %d pixels of mode %d; expected mode 0 (gray), 16"
                  + " (BGR) or 24 (BGRA) of 8 bits (Spark marks files it could not decode with -1)",
              name,
              width,
              height,
              mode));
    }
    long expected = (long) height * width * channels;
    if (data == null || data.length != expected) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "cannot read the image %s: it has %d bytes, %d x %d pixels of %d channels have %d",
              name,
              data == null ? 0 : data.length,
              width,
              height,
              channels,
              expected));
    }
    BufferedImage made =
        new BufferedImage(
            width,
            height,
            channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR);
    byte[] target = ((DataBufferByte) made.getRaster().getDataBuffer()).getData();
    if (channels == 4) {
      for (int i = 0; i < height * width; i++) {
        System.arraycopy(data, 4 * i, target, 3 * i, 3);
      }
    } else {
      System.arraycopy(data, 0, target, 0, data.length);
    }
    return made;
  }
}
