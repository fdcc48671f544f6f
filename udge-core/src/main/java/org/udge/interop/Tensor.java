package org.udge.interop;

import static com.google.common.base.Preconditions.checkElementIndex;
import static org.udge.internal.Preconditions.checkArgument;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.internal.Saturated;

/**
 * An array read from a file of another program: a strided view of bytes that other tensors may
 * share.
 *
 * <p>Element [i, j, ...] is at offset + i strides[0] + j strides[1] + ... of the bytes, counted in
 * elements. All methods that copy elements do so in row-major ("C") order of the shape, regardless
 * of the order in the file.
 *
 * <p>Immutable and thread-safe.
 */
public final class Tensor {

  /**
   * A view of few bytes may claim a huge shape (stride 0). Views may have more elements than their
   * bytes hold only up to this number, so that a small file cannot cause a large allocation.
   */
  static final int MAX_EXPANDED_ELEMENTS = 1 << 20;

  private final ElementType type;
  private final ByteBuffer data;
  private final int offset;
  private final int[] shape;
  private final int[] strides;
  private final int size;

  private Tensor(ElementType type, ByteBuffer data, int offset, int[] shape, int[] strides) {
    this.type = type;
    this.data = data.asReadOnlyBuffer().order(data.order());
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
    // An array with a size of 0 is empty, even if the product of the preceding sizes overflows.
    this.size =
        Arrays.stream(shape).anyMatch(dimension -> dimension == 0)
            ? 0
            : Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  /**
   * Returns a view of bytes. The buffer is kept, not copied, from index 0 to its limit.
   *
   * @throws IllegalArgumentException if an element would lie outside the bytes
   */
  static Tensor view(ElementType type, ByteBuffer data, long offset, long[] shape, long[] strides) {
    checkArgument(
        shape.length == strides.length,
        "shape %s and strides %s differ in length",
        Arrays.toString(shape),
        Arrays.toString(strides));
    long available = data.limit() / type.bytes();
    long size = sizeOf(shape);
    if (size == 0) {
      return new Tensor(type, data, 0, toInts(shape), new int[shape.length]);
    }
    checkArgument(
        lastElement(offset, shape, strides) < available,
        "shape %s with strides %s and offset %s does not fit the %s stored elements",
        Arrays.toString(shape),
        Arrays.toString(strides),
        offset,
        available);
    checkArgument(
        size <= Math.max(available, MAX_EXPANDED_ELEMENTS),
        "shape %s repeats the %s stored elements too often: at most %s elements can be expanded to",
        Arrays.toString(shape),
        available,
        MAX_EXPANDED_ELEMENTS);
    return new Tensor(type, data, (int) offset, toInts(shape), usedStrides(shape, strides));
  }

  private static long sizeOf(long[] shape) {
    long size = 1;
    for (long dimension : shape) {
      checkArgument(
          dimension >= 0 && dimension <= Integer.MAX_VALUE,
          "sizes must be 0 to %s, were %s",
          Integer.MAX_VALUE,
          Arrays.toString(shape));
      size = Saturated.multiply(size, dimension);
    }
    return size;
  }

  private static long lastElement(long offset, long[] shape, long[] strides) {
    checkArgument(offset >= 0, "offset must be at least 0, was %s", offset);
    long last = offset;
    for (int d = 0; d < shape.length; d++) {
      checkArgument(
          strides[d] >= 0, "strides must be at least 0, were %s", Arrays.toString(strides));
      last = Saturated.add(last, Saturated.multiply(Math.max(0, shape[d] - 1), strides[d]));
    }
    return last;
  }

  /** Returns a contiguous array in row-major order, or in column-major ("Fortran") order. */
  static Tensor contiguous(ElementType type, ByteBuffer data, long[] shape, boolean fortranOrder) {
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int k = 0; k < shape.length; k++) {
      int d = fortranOrder ? k : shape.length - 1 - k;
      strides[d] = stride;
      stride = Saturated.multiply(stride, Math.max(1, shape[d]));
    }
    return view(type, data, 0, shape, strides);
  }

  /**
   * Returns a copy of an array: DOUBLE as FLOAT64, other floating-point types as FLOAT32, integers
   * and booleans as INT64.
   *
   * @param array an array of any shape and order
   * @return the tensor, row-major
   */
  public static Tensor of(INDArray array) {
    INDArray rows = array.dup('c');
    int count = Math.toIntExact(array.length());
    if (array.dataType() == DataType.DOUBLE) {
      ByteBuffer data = bytes(count, Double.BYTES);
      data.asDoubleBuffer().put(rows.data().asDouble());
      return contiguous(ElementType.FLOAT64, data, array.shape(), false);
    } else if (array.dataType().isFPType()) {
      ByteBuffer data = bytes(count, Float.BYTES);
      data.asFloatBuffer().put(rows.data().asFloat());
      return contiguous(ElementType.FLOAT32, data, array.shape(), false);
    }
    ByteBuffer data = bytes(count, Long.BYTES);
    data.asLongBuffer().put(rows.data().asLong());
    return contiguous(ElementType.INT64, data, array.shape(), false);
  }

  /**
   * Returns a copy of numbers.
   *
   * @param values row-major
   * @param shape the shape, with as many elements as there are values; empty for a scalar
   * @return the tensor, of type FLOAT32
   * @throws IllegalArgumentException if the shape has a different number of elements
   */
  public static Tensor of(float[] values, long... shape) {
    checkArgument(
        sizeOf(shape) == values.length,
        "shape %s does not have the %s elements given",
        Arrays.toString(shape),
        values.length);
    ByteBuffer data = bytes(values.length, Float.BYTES);
    data.asFloatBuffer().put(values);
    return contiguous(ElementType.FLOAT32, data, shape, false);
  }

  private static ByteBuffer bytes(int count, int each) {
    return ByteBuffer.allocate(Math.multiplyExact(count, each)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Returns the type of the elements in the file.
   *
   * @return the type
   */
  public ElementType type() {
    return type;
  }

  /**
   * Returns the shape; empty for a scalar.
   *
   * @return a copy of the sizes, each at least 0
   */
  public long[] shape() {
    return Arrays.stream(shape).asLongStream().toArray();
  }

  /**
   * Returns the number of dimensions.
   *
   * @return the rank, at least 0
   */
  public int rank() {
    return shape.length;
  }

  /**
   * Returns the size of one dimension.
   *
   * @param dimension 0 to rank - 1
   * @return the size, at least 0
   * @throws IndexOutOfBoundsException if there is no such dimension
   */
  public int size(int dimension) {
    return shape[checkElementIndex(dimension, shape.length, "dimension")];
  }

  /**
   * Returns the number of elements.
   *
   * @return the product of the shape
   */
  public int size() {
    return size;
  }

  /**
   * Returns whether this tensor has a given shape.
   *
   * @param expected the sizes
   * @return true if the rank and all sizes are equal
   */
  public boolean hasShape(long... expected) {
    return Arrays.equals(shape(), expected);
  }

  /**
   * Returns one element.
   *
   * @param index the indices, as many as the rank
   * @return its value; booleans as 0 or 1
   * @throws IndexOutOfBoundsException if an index is not within the shape
   * @throws IllegalArgumentException if the number of indices differs from the rank
   */
  public double getDouble(int... index) {
    return type.getDouble(data, bytePosition(index));
  }

  /**
   * Returns one element of an integer or boolean tensor.
   *
   * @param index the indices, as many as the rank
   * @return its exact value; booleans as 0 or 1
   * @throws IndexOutOfBoundsException if an index is not within the shape
   * @throws IllegalArgumentException if the number of indices differs from the rank, or elements
   *     are floating-point numbers
   */
  public long getLong(int... index) {
    requireWholeNumbers();
    return type.getLong(data, bytePosition(index));
  }

  /**
   * Returns a copy of the elements, with float64 and large integers rounded to the nearest float.
   *
   * @return the elements, row-major
   */
  public float[] toFloats() {
    float[] values = new float[size];
    if (type == ElementType.FLOAT32 && isContiguous()) {
      data.slice(offset * type.bytes(), size * type.bytes())
          .order(data.order())
          .asFloatBuffer()
          .get(values);
    } else {
      forEachPosition((k, position) -> values[k] = (float) type.getDouble(data, position));
    }
    return values;
  }

  /**
   * Returns a copy of the elements; exact except for INT64 beyond 2^53.
   *
   * @return the elements, row-major
   */
  public double[] toDoubles() {
    double[] values = new double[size];
    forEachPosition((k, position) -> values[k] = type.getDouble(data, position));
    return values;
  }

  /**
   * Returns a copy of the elements of a byte array.
   *
   * @return the elements, row-major
   * @throws IllegalArgumentException if elements are larger than a byte
   */
  public byte[] toBytes() {
    checkArgument(type.bytes() == 1, "%s elements are not bytes", type);
    byte[] values = new byte[size];
    if (isContiguous()) {
      data.get(offset, values);
    } else {
      forEachPosition((k, position) -> values[k] = data.get(position));
    }
    return values;
  }

  /**
   * Returns a copy of the elements of an integer or boolean tensor.
   *
   * @return the elements, row-major; booleans as 0 or 1
   * @throws IllegalArgumentException if elements are floating-point numbers
   */
  public long[] toLongs() {
    requireWholeNumbers();
    long[] values = new long[size];
    forEachPosition((k, position) -> values[k] = type.getLong(data, position));
    return values;
  }

  /**
   * Copies the elements into an array of the same shape: float64 as DOUBLE, other floating-point
   * types as FLOAT, integers and booleans as LONG.
   *
   * @return a new array, row-major, owned by the caller
   */
  public INDArray toINDArray() {
    if (size == 0) {
      return Nd4j.create(nd4jType(), shape());
    }
    return switch (nd4jType()) {
      case DOUBLE -> Nd4j.createFromArray(toDoubles()).reshape(shape());
      case FLOAT -> Nd4j.createFromArray(toFloats()).reshape(shape());
      default -> Nd4j.createFromArray(toLongs()).reshape(shape());
    };
  }

  /** Returns the elements bit for bit, row-major and little-endian. */
  byte[] toLittleEndianBytes() {
    byte[] elements = new byte[Math.multiplyExact(size, type.bytes())];
    ByteBuffer out = ByteBuffer.wrap(elements).order(ByteOrder.LITTLE_ENDIAN);
    forEachPosition((k, position) -> type.copy(data, position, out));
    return elements;
  }

  private DataType nd4jType() {
    if (type == ElementType.FLOAT64) {
      return DataType.DOUBLE;
    }
    return type.isFloatingPoint() ? DataType.FLOAT : DataType.INT64;
  }

  private void requireWholeNumbers() {
    checkArgument(!type.isFloatingPoint(), "%s elements are not whole numbers", type);
  }

  private int bytePosition(int... index) {
    checkArgument(
        index.length == shape.length,
        "%s indices for the shape %s",
        index.length,
        Arrays.toString(shape));
    int position = offset;
    for (int d = 0; d < index.length; d++) {
      position += checkElementIndex(index[d], shape[d], "index " + d) * strides[d];
    }
    return position * type.bytes();
  }

  private boolean isContiguous() {
    int stride = 1;
    for (int d = shape.length - 1; d >= 0; d--) {
      if (shape[d] > 1 && strides[d] != stride) {
        return false;
      }
      stride *= shape[d];
    }
    return true;
  }

  /**
   * Calls the visitor for each element in row-major order with its index and its position in bytes.
   */
  private void forEachPosition(PositionVisitor visitor) {
    int[] index = new int[shape.length];
    int position = offset;
    for (int k = 0; k < size; k++) {
      visitor.visit(k, position * type.bytes());
      for (int d = shape.length - 1; d >= 0; d--) {
        position += strides[d];
        if (++index[d] < shape[d]) {
          break;
        }
        position -= strides[d] * shape[d];
        index[d] = 0;
      }
    }
  }

  @Override
  public String toString() {
    return type + Arrays.toString(shape);
  }

  private interface PositionVisitor {
    void visit(int element, int position);
  }

  private static int[] toInts(long[] values) {
    return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
  }

  /**
   * Returns the strides; those of dimensions of size 1 are never used and may be anything: here
   * they are 0.
   */
  private static int[] usedStrides(long[] shape, long[] strides) {
    int[] result = new int[strides.length];
    for (int d = 0; d < result.length; d++) {
      result[d] = shape[d] <= 1 ? 0 : Math.toIntExact(strides[d]);
    }
    return result;
  }
}
