package org.udge.examples.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/** The noise of one Langevin step of 64 CIFAR images: 196,608 normal deviates. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@State(Scope.Thread)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class NoiseBenchmark {

  private static final int CHAINS = 64;

  private final RandomStream random = RandomStreams.of(1).stream("noise");
  private final float[] image = new float[3 * 32 * 32];

  /**
   * In bulk, as the sampler does.
   *
   * @return the last image
   */
  @Benchmark
  public float[] bulk() {
    for (int chain = 0; chain < CHAINS; chain++) {
      random.fillGaussian(image);
    }
    return image;
  }

  /**
   * One deviate at a time.
   *
   * @return the last image
   */
  @Benchmark
  public float[] oneByOne() {
    for (int chain = 0; chain < CHAINS; chain++) {
      for (int i = 0; i < image.length; i++) {
        image[i] = (float) random.nextGaussian();
      }
    }
    return image;
  }
}
