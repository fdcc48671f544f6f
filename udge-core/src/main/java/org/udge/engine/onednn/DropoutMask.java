package org.udge.engine.onednn;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/**
 * Generates dropout masks: four entries from every 64 random bits, each entry kept if the value of
 * its 16 bits is small.
 */
final class DropoutMask {

  private static final int LANES = 4;
  private static final int LANE_BITS = 16;

  private DropoutMask() {}

  /**
   * Fills a tensor with 0 and the given number.
   *
   * @param keep the probability of the number
   * @param scale the number
   * @param half whether entries are bfloat16; otherwise they are float32
   */
  static void fill(Arena arena, Buffer mask, String node, double keep, double scale, boolean half) {
    RandomStream random = RandomStreams.of(arena.dropoutSeed()).stream("dropout/" + node);
    int threshold = (int) Math.round(keep * (1 << LANE_BITS));
    float kept = (float) scale;
    if (half) {
      fill(arena.bytes(mask).asShortBuffer(), random, threshold, bfloat16(kept));
    } else {
      fill(arena.bytes(mask).asFloatBuffer(), random, threshold, kept);
    }
  }

  /**
   * Fills a tensor with normally distributed numbers of mean 1.
   *
   * @param half whether entries are bfloat16; otherwise they are float32
   */
  static void fillGaussian(Arena arena, Buffer mask, String node, double deviation, boolean half) {
    ByteBuffer bytes = arena.bytes(mask);
    float[] values = new float[bytes.limit() / (half ? Short.BYTES : Float.BYTES)];
    RandomStreams.of(arena.dropoutSeed()).stream("dropout/" + node).fillGaussian(values);
    for (int i = 0; i < values.length; i++) {
      float value = (float) (1 + deviation * values[i]);
      if (half) {
        bytes.putShort(i * Short.BYTES, bfloat16(value));
      } else {
        bytes.putFloat(i * Float.BYTES, value);
      }
    }
  }

  /** Converts to bfloat16, which is the upper half of a float. */
  private static short bfloat16(float value) {
    return (short) ((Float.floatToIntBits(value) + 0x8000) >>> LANE_BITS);
  }

  private static void fill(FloatBuffer mask, RandomStream random, int threshold, float kept) {
    int size = mask.limit();
    for (int i = 0; i < size; i += LANES) {
      long bits = random.nextLong();
      for (int j = i; j < Math.min(size, i + LANES); j++) {
        mask.put(j, (bits & 0xffff) < threshold ? kept : 0);
        bits >>>= LANE_BITS;
      }
    }
  }

  private static void fill(ShortBuffer mask, RandomStream random, int threshold, short kept) {
    int size = mask.limit();
    for (int i = 0; i < size; i += LANES) {
      long bits = random.nextLong();
      for (int j = i; j < Math.min(size, i + LANES); j++) {
        mask.put(j, (bits & 0xffff) < threshold ? kept : 0);
        bits >>>= LANE_BITS;
      }
    }
  }
}
