package org.udge.training.report;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/**
 * A protocol buffer under construction. There are so few messages that they are encoded by hand.
 */
final class Message {

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private Message key(int field, int wireType) {
    return rawVarint((long) field << 3 | wireType);
  }

  private Message rawVarint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
    return this;
  }

  private Message raw(byte[] data) {
    out.writeBytes(data);
    return this;
  }

  Message varint(int field, long value) {
    return key(field, VARINT).rawVarint(value);
  }

  Message fixed64(int field, double value) {
    return key(field, FIXED64).raw(littleEndian(Double.BYTES).putDouble(value).array());
  }

  Message fixed32(int field, float value) {
    return key(field, FIXED32).raw(littleEndian(Float.BYTES).putFloat(value).array());
  }

  /** Adds several numbers of one field, packed. */
  Message doubles(int field, double... values) {
    byte[] packed = new byte[Math.multiplyExact(values.length, Double.BYTES)];
    ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().put(values);
    return bytes(field, packed);
  }

  Message bytes(int field, byte[] data) {
    return key(field, BYTES).rawVarint(data.length).raw(data);
  }

  Message text(int field, String text) {
    return bytes(field, text.getBytes(StandardCharsets.UTF_8));
  }

  @CanIgnoreReturnValue
  Message message(int field, Message other) {
    return bytes(field, other.toBytes());
  }

  Message append(Message other) {
    return raw(other.toBytes());
  }

  byte[] toBytes() {
    return out.toByteArray();
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns whether an encoded message has a field. */
  static boolean containsField(byte[] message, int field) {
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      long key = readVarint(in);
      if (key >>> 3 == field) {
        return true;
      }
      skip(in, key);
    }
    return false;
  }

  /** Returns the value of an integer field in an encoded message; empty if the message lacks it. */
  static OptionalLong varintIn(byte[] message, int field) {
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      long key = readVarint(in);
      if (key == ((long) field << 3 | VARINT)) {
        return OptionalLong.of(readVarint(in));
      }
      skip(in, key);
    }
    return OptionalLong.empty();
  }

  private static void skip(ByteBuffer in, long key) {
    switch ((int) (key & 7)) {
      case VARINT -> readVarint(in);
      case FIXED64 -> in.position(in.position() + Long.BYTES);
      case FIXED32 -> in.position(in.position() + Integer.BYTES);
      case BYTES -> {
        long length = readVarint(in);
        in.position(in.position() + Math.toIntExact(length));
      }
      default -> throw new IllegalArgumentException("unknown wire type " + (key & 7));
    }
  }

  @CanIgnoreReturnValue
  private static long readVarint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a whole number of more than 10 bytes");
  }
}
