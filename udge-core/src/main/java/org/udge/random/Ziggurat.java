package org.udge.random;

/**
 * Standard normal deviates in bulk, by the ziggurat method of 256 layers (Marsaglia &amp; Tsang
 * 2000, with index and position taken from different bits as Doornik 2005 asks).
 *
 * <p>Exact up to float rounding: position within a layer has 24 bits, wedges and tail are computed
 * in double precision. One 64-bit number of xoshiro256++ serves two deviates and its state stays in
 * registers, which makes a deviate cost 1 to 2 nanoseconds against 5 to 10 one at a time.
 */
final class Ziggurat {

  private static final int LAYERS = 256;

  /** Where the tail begins, for 256 layers of equal area. */
  private static final double TAIL = 3.654152885361009;

  private static final double AREA = 0.00492867323399;

  /** Positions are (m + 1/2) for whole m of [-2^23, 2^23): symmetric, never 0, exact as floats. */
  private static final double POSITIONS = 1 << 23;

  /** Right edge of each layer; layer 0 is as wide as if it held the tail in a rectangle. */
  private static final double[] EDGE = edges();

  /** Deviate per position, by layer. */
  private static final float[] WIDTH = new float[LAYERS];

  /** Positions below this lie under the curve for certain, by layer. */
  private static final float[] INSIDE = new float[LAYERS];

  static {
    for (int i = 0; i < LAYERS; i++) {
      WIDTH[i] = (float) (EDGE[i] / POSITIONS);
      INSIDE[i] = (float) (EDGE[i + 1] / EDGE[i] * POSITIONS);
    }
  }

  private Ziggurat() {}

  private static double[] edges() {
    double[] edges = new double[LAYERS + 1];
    double height = density(TAIL);
    edges[0] = AREA / height;
    edges[1] = TAIL;
    for (int i = 2; i < LAYERS; i++) {
      height += AREA / edges[i - 1];
      edges[i] = Math.sqrt(-2 * Math.log(height));
    }
    return edges;
  }

  private static double density(double x) {
    return Math.exp(-0.5 * x * x);
  }

  /**
   * Fills a stretch of an array.
   *
   * @param seed four words, not all 0: the state of a xoshiro256++ generator
   */
  static void fill(long[] seed, float[] values, int from, int to) {
    long s0 = seed[0];
    long s1 = seed[1];
    long s2 = seed[2];
    long s3 = seed[3];
    for (int i = from; i < to; i += 2) {
      long bits = Long.rotateLeft(s0 + s3, 23) + s0;
      long t = s1 << 17;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= t;
      s3 = Long.rotateLeft(s3, 45);

      int low = (int) bits;
      int layer = low & 0xff;
      float position = (low >> 8) + 0.5f;
      float first = position * WIDTH[layer];
      if (Math.abs(position) >= INSIDE[layer]) {
        first = (float) outside(layer, first, bits ^ s0);
      }
      values[i] = first;
      if (i + 1 < to) {
        int high = (int) (bits >>> 32);
        layer = high & 0xff;
        position = (high >> 8) + 0.5f;
        float second = position * WIDTH[layer];
        if (Math.abs(position) >= INSIDE[layer]) {
          second = (float) outside(layer, second, bits ^ s1);
        }
        values[i + 1] = second;
      }
    }
  }

  /** Decides about a point not certainly under the curve; about 1 in 80 comes here. */
  private static double outside(int layer, double x, long seed) {
    SplitMix random = new SplitMix(seed);
    if (layer == 0) {
      return Math.copySign(tail(random), x);
    }
    return underCurve(layer, x, random) ? x : again(random);
  }

  private static double again(SplitMix random) {
    while (true) {
      int layer = (int) (random.next() >>> 56);
      double x = (2 * random.uniform() - 1) * EDGE[layer];
      if (Math.abs(x) < EDGE[layer + 1]) {
        return x;
      }
      if (layer == 0) {
        return Math.copySign(tail(random), x);
      }
      if (underCurve(layer, x, random)) {
        return x;
      }
    }
  }

  private static boolean underCurve(int layer, double x, SplitMix random) {
    double bottom = density(EDGE[layer]);
    double top = density(EDGE[layer + 1]);
    return bottom + random.uniform() * (top - bottom) < density(x);
  }

  /** Marsaglia's exact tail: an exponential proposal beyond {@link #TAIL}. */
  private static double tail(SplitMix random) {
    while (true) {
      double x = -Math.log(random.uniform()) / TAIL;
      double y = -Math.log(random.uniform());
      if (2 * y > x * x) {
        return TAIL + x;
      }
    }
  }

  /** SplitMix64 (Steele, Lea &amp; Flood 2014), for the few numbers the slow path needs. */
  private static final class SplitMix {
    private long state;

    SplitMix(long seed) {
      state = seed;
    }

    long next() {
      state += 0x9e3779b97f4a7c15L;
      long z = (state ^ (state >>> 30)) * 0xbf58476d1ce4e5b9L;
      z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
      return z ^ (z >>> 31);
    }

    /** Uniform in (0, 1). */
    double uniform() {
      return ((next() >>> 11) + 0.5) * 0x1p-53;
    }
  }
}
