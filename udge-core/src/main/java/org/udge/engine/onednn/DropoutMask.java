package org.udge.engine.onednn;

import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/** Draws dropout masks: four entries from each random 64 bits, each kept if its 16 are small. */
final class DropoutMask {

  private static final int LANES = 4;
  private static final int LANE_BITS = 16;

  private DropoutMask() {}

  /**
   * Fills a tensor with 0 and 1/keep.
   *
   * @param half whether entries are bfloat16, else float32
   */
  static void fill(Arena arena, Buffer mask, String node, double keep, boolean half) {
    RandomStream random = RandomStreams.of(arena.dropoutSeed()).stream("dropout/" + node);
    int threshold = (int) Math.round(keep * (1 << LANE_BITS));
    float kept = (float) (1 / keep);
    if (half) {
      // A bfloat16 is the upper half of a float.
      short bits = (short) ((Float.floatToIntBits(kept) + 0x8000) >>> LANE_BITS);
      fill(arena.bytes(mask).asShortBuffer(), random, threshold, bits);
    } else {
      fill(arena.bytes(mask).asFloatBuffer(), random, threshold, kept);
    }
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
