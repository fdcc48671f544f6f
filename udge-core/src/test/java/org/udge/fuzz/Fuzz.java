package org.udge.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/**
 * Reads files that differ a little from sound ones, and sees how that ends.
 *
 * <p>A reader may succeed, or throw an {@link IOException} or {@link IllegalArgumentException} with
 * a message of a few lines. It may take two seconds, and allocate 64 MB and a fixed multiple of the
 * file's length. Everything else is a failure: the mutant is kept under {@code target/fuzz}, and
 * the test names it. Each mutant depends on the format's name and its own number alone.
 *
 * <p>{@code -Dudge.fuzz.mutants=N} sets how many there are of each format; the default is 2,000,
 * the profile {@code fuzz} takes 100,000.
 */
public final class Fuzz {

  private static final int MUTANTS = Integer.getInteger("udge.fuzz.mutants", 2000);
  private static final long MOST_NANOSECONDS = 2_000_000_000L;
  private static final long MOST_BYTES = 64L << 20;
  private static final int MOST_CHARACTERS = 4000;
  private static final int MOST_FAILURES = 10;

  /** How many bytes a byte of a sound file may become. */
  private static final int JUSTIFIED = 64;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final String format;
  private final Reader reader;
  private final List<byte[]> seeds = new ArrayList<>();
  private final List<Mutator> mutators = new ArrayList<>();

  /** Reads a file. */
  @FunctionalInterface
  public interface Reader {
    void read(Path file) throws IOException;
  }

  /** Changes a file. */
  @FunctionalInterface
  public interface Mutator {
    byte[] mutate(byte[] seed, RandomStream random);
  }

  private Fuzz(String format, Reader reader) {
    this.format = format;
    this.reader = reader;
  }

  public static Fuzz of(String format, Reader reader) {
    return new Fuzz(format, reader);
  }

  /** Adds a sound file. */
  public Fuzz seed(byte[] content) {
    seeds.add(content);
    return this;
  }

  /** Adds a way to change files. */
  public Fuzz mutator(Mutator mutator) {
    mutators.add(mutator);
    return this;
  }

  /** Reads all mutants. */
  public void run(Path folder) throws IOException {
    Path file = folder.resolve("mutant." + format);
    for (byte[] seed : seeds) {
      // Loads classes too, whose cost is not the mutants'.
      Files.write(file, seed);
      assertThat(outcome(file, Long.MAX_VALUE)).as("a sound file").isEmpty();
    }
    List<String> failures = new ArrayList<>();
    ExecutorService worker = Executors.newSingleThreadExecutor();
    try {
      for (int number = 0; number < MUTANTS && failures.size() < MOST_FAILURES; number++) {
        byte[] mutant = mutant(number);
        Files.write(file, mutant);
        String outcome = wait(worker, file, MOST_BYTES + (long) JUSTIFIED * mutant.length);
        if (!outcome.isEmpty()) {
          Path kept = Files.createDirectories(Path.of("target", "fuzz"));
          Files.write(kept.resolve(format + "-" + number), mutant);
          failures.add(format + "-" + number + ": " + outcome);
        }
      }
    } finally {
      worker.shutdown();
    }
    assertThat(failures).isEmpty();
  }

  private byte[] mutant(int number) {
    RandomStream random = RandomStreams.of(number).stream(format);
    byte[] mutant = seeds.get(random.nextInt(seeds.size()));
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes; i++) {
      mutant = mutators.get(random.nextInt(mutators.size())).mutate(mutant, random);
    }
    return mutant;
  }

  private String wait(ExecutorService worker, Path file, long mostBytes) {
    try {
      return worker.submit(() -> outcome(file, mostBytes)).get(2, TimeUnit.MINUTES);
    } catch (TimeoutException e) {
      throw new AssertionError(format + " hangs on " + file, e);
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  /** What is wrong with the way that reading ended, or nothing. */
  private String outcome(Path file, long mostBytes) {
    long thread = Thread.currentThread().getId();
    long bytes = THREADS.getThreadAllocatedBytes(thread);
    long start = THREADS.getCurrentThreadCpuTime();
    String problem = "";
    try {
      reader.read(file);
    } catch (IOException | IllegalArgumentException e) {
      problem = judge(e);
    } catch (Throwable e) {
      problem = describe(e);
    }
    long time = THREADS.getCurrentThreadCpuTime() - start;
    long allocated = THREADS.getThreadAllocatedBytes(thread) - bytes;
    if (problem.isEmpty() && allocated > mostBytes) {
      return "allocates " + allocated + " bytes";
    }
    if (problem.isEmpty() && time > MOST_NANOSECONDS && mostBytes < Long.MAX_VALUE) {
      return "takes " + time / 1_000_000 + " ms";
    }
    return problem;
  }

  private static String judge(Exception e) {
    String message = e.getMessage();
    boolean good =
        message != null
            && !message.isBlank()
            && !message.endsWith("null")
            && message.length() <= MOST_CHARACTERS;
    return good ? "" : describe(e);
  }

  private static String describe(Throwable e) {
    StringBuilder text = new StringBuilder();
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      text.append(cause.getClass().getName())
          .append(": ")
          .append(message, 0, Math.min(300, message.length()));
      for (int i = 0; i < Math.min(6, cause.getStackTrace().length); i++) {
        text.append("\n    at ").append(cause.getStackTrace()[i]);
      }
      text.append('\n');
    }
    return text.toString();
  }
}
