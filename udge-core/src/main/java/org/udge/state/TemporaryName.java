package org.udge.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * The name of a temporary file, which identifies its writer. A process id alone would not suffice,
 * since ids are reused; nor would id and start time, since several machines or containers may share
 * a folder.
 *
 * @param pid the id of the writing process
 * @param start the start time of that process, in milliseconds since 1970; 0 where the system does
 *     not provide it
 * @param host a hash of the machine's name
 */
record TemporaryName(long pid, long start, String host) {

  /** Matches all names that may be temporary files of this library. */
  static final String GLOB = ".*.udge-*.tmp";

  private static final Pattern FORM =
      Pattern.compile("\\..*\\.udge-(\\d{1,18})-(\\d{1,18})-([0-9a-f]{8})-[0-9a-f]{12}\\.tmp");

  /**
   * The length to which the target's name is truncated: the parts together must not be too long for
   * a file name.
   */
  private static final int KEPT = 48;

  /**
   * Systems derive the start times of processes from the clock, which may be adjusted meanwhile.
   */
  private static final Duration SAME_START = Duration.ofSeconds(2);

  private static final Duration FORGOTTEN = Duration.ofDays(1);

  private static final TemporaryName OURS = ofThisProcess();

  private static TemporaryName ofThisProcess() {
    ProcessHandle process = ProcessHandle.current();
    // "pid@host", without more network access than the Java runtime performs anyway.
    String name = ManagementFactory.getRuntimeMXBean().getName();
    CRC32 hash = new CRC32();
    hash.update(name.substring(name.indexOf('@') + 1).getBytes(StandardCharsets.UTF_8));
    return new TemporaryName(
        process.pid(),
        process.info().startInstant().map(Instant::toEpochMilli).orElse(0L),
        String.format(Locale.ROOT, "%08x", hash.getValue()));
  }

  /** Returns a unique name for a file of this process. */
  static String unique(Path target) {
    String name = target.getFileName().toString();
    String kept = name.length() > KEPT ? name.substring(0, KEPT) : name;
    String random = UUID.randomUUID().toString().replace("-", "").substring(0, 12);
    return String.format(
        Locale.ROOT, ".%s.udge-%d-%d-%s-%s.tmp", kept, OURS.pid, OURS.start, OURS.host, random);
  }

  /** Parses a name; returns empty if it is not that of a temporary file of this library. */
  static Optional<TemporaryName> parse(String name) {
    Matcher parts = FORM.matcher(name);
    return parts.matches()
        ? Optional.of(
            new TemporaryName(
                Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2)), parts.group(3)))
        : Optional.empty();
  }

  /** Returns whether the file's writer has ended. */
  boolean isAbandoned(Path file) {
    if (!host.equals(OURS.host)) {
      return isForgotten(file);
    }
    return ProcessHandle.of(pid).filter(this::isWriter).isEmpty();
  }

  /**
   * Returns whether a process is the writer. Where start times are unknown, a process with the same
   * id counts as the same.
   */
  private boolean isWriter(ProcessHandle process) {
    Optional<Instant> began = process.info().startInstant();
    return start == 0
        || began.isEmpty()
        || Duration.between(began.get(), Instant.ofEpochMilli(start)).abs().compareTo(SAME_START)
            <= 0;
  }

  private static boolean isForgotten(Path file) {
    try {
      return Files.getLastModifiedTime(file).toInstant().isBefore(Instant.now().minus(FORGOTTEN));
    } catch (NoSuchFileException e) {
      return false; // Its writer has just finished.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
