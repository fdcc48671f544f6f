package org.udge.interop;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.indexer.Bfloat16Indexer;
import org.bytedeco.javacpp.indexer.HalfIndexer;

/** The type of the elements of a {@link Tensor}, as stored by NumPy and PyTorch. */
public enum ElementType {
  /** IEEE 754, 8 bytes. */
  FLOAT64(Double.BYTES, true),
  /** IEEE 754, 4 bytes. */
  FLOAT32(Float.BYTES, true),
  /** IEEE 754, 2 bytes ("half"). */
  FLOAT16(Short.BYTES, true),
  /** The upper 2 bytes of a {@link #FLOAT32}. */
  BFLOAT16(Short.BYTES, true),
  /** Signed, 8 bytes. */
  INT64(Long.BYTES, false),
  /** Signed, 4 bytes. */
  INT32(Integer.BYTES, false),
  /** Signed, 2 bytes. */
  INT16(Short.BYTES, false),
  /** Signed, 1 byte. */
  INT8(1, false),
  /** Unsigned, 1 byte. */
  UINT8(1, false),
  /** 1 byte; false is 0, true is 1. */
  BOOL(1, false);

  private final int bytes;
  private final boolean floatingPoint;

  ElementType(int bytes, boolean floatingPoint) {
    this.bytes = bytes;
    this.floatingPoint = floatingPoint;
  }

  /**
   * Returns the size of one element.
   *
   * @return the size in bytes, 1 to 8
   */
  public int bytes() {
    return bytes;
  }

  /**
   * Returns whether elements are floating-point numbers rather than integers or booleans.
   *
   * @return true for the FLOAT types
   */
  public boolean isFloatingPoint() {
    return floatingPoint;
  }

  /** Returns the element at a byte position; exact except for INT64 beyond 2^53. */
  double getDouble(ByteBuffer data, int position) {
    return switch (this) {
      case FLOAT64 -> data.getDouble(position);
      case FLOAT32 -> data.getFloat(position);
      case FLOAT16 -> HalfIndexer.toFloat(Short.toUnsignedInt(data.getShort(position)));
      case BFLOAT16 -> Bfloat16Indexer.toFloat(Short.toUnsignedInt(data.getShort(position)));
      default -> getLong(data, position);
    };
  }

  /**
   * Appends the element at a byte position to another buffer, bit for bit, in the byte order of the
   * latter.
   */
  void copy(ByteBuffer data, int position, ByteBuffer to) {
    switch (bytes) {
      case Long.BYTES -> to.putLong(data.getLong(position));
      case Integer.BYTES -> to.putInt(data.getInt(position));
      case Short.BYTES -> to.putShort(data.getShort(position));
      default -> to.put(data.get(position));
    }
  }

  /** Returns the element at a byte position; integers and booleans only. */
  long getLong(ByteBuffer data, int position) {
    return switch (this) {
      case INT64 -> data.getLong(position);
      case INT32 -> data.getInt(position);
      case INT16 -> data.getShort(position);
      case INT8 -> data.get(position);
      case UINT8 -> Byte.toUnsignedInt(data.get(position));
      case BOOL -> data.get(position) == 0 ? 0 : 1;
      default -> throw new IllegalStateException(this + " elements are not whole numbers");
    };
  }
}
