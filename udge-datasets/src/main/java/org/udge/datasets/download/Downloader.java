package org.udge.datasets.download;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.udge.state.AtomicFiles;

/**
 * Downloads published data sets into a folder, only when called.
 *
 * <p>A file is first written under a hidden name ({@code .NAME.part}) next to its final location,
 * its size and SHA-256 are verified, and only then is it moved into place. An interrupted transfer
 * is resumed where it stopped, both immediately and in a later call; a file with a wrong checksum
 * is discarded. Archives are unpacked safely: nothing outside the folder, no links, no more than 16
 * times the archive's size. Next to the files, {@code SET-SOURCE.txt} records their origin and
 * license.
 *
 * <p>Several threads and processes may download the same set at the same time: all but one wait
 * ({@code .SET.lock}). Immutable and thread-safe.
 */
public final class Downloader {

  private static final ConcurrentMap<Path, Lock> LOCKS = new ConcurrentHashMap<>();

  private final Path root;
  private final DownloadListener listener;
  private final Duration stall;
  private final Duration pause;
  private final int attempts;

  private Downloader(
      Path root, DownloadListener listener, Duration stall, Duration pause, int attempts) {
    this.root = requireNonNull(root);
    this.listener = requireNonNull(listener);
    this.stall = stall;
    this.pause = pause;
    this.attempts = attempts;
  }

  /**
   * Creates a downloader into a folder. A connection is considered interrupted if the server sends
   * nothing for 60 seconds; an interrupted transfer is retried five times, after 2, 4, 8, ...
   * seconds.
   *
   * @param root the folder of all data sets; created if missing
   * @return the downloader
   */
  public static Downloader to(Path root) {
    return new Downloader(
        root, DownloadListener.none(), Duration.ofSeconds(60), Duration.ofSeconds(2), 6);
  }

  /**
   * A copy with a listener.
   *
   * @param listener receives the progress
   * @return the copy
   */
  public Downloader withListener(DownloadListener listener) {
    return new Downloader(root, listener, stall, pause, attempts);
  }

  /**
   * A copy with other timeouts.
   *
   * @param stall how long the server may send nothing, above 0
   * @param pause how long to wait before the second attempt; twice as long before each further one
   * @param attempts total number of attempts, at least 1; an attempt that receives anything new
   *     does not count
   * @return the copy
   * @throws IllegalArgumentException if a number is out of range
   */
  public Downloader withPatience(Duration stall, Duration pause, int attempts) {
    checkArgument(!stall.isNegative() && !stall.isZero(), "stall must be above 0, was %s", stall);
    checkArgument(!pause.isNegative(), "pause must not be negative, was %s", pause);
    checkArgument(attempts > 0, "attempts must be at least 1, were %s", attempts);
    return new Downloader(root, listener, stall, pause, attempts);
  }

  /**
   * Downloads the missing files of a set. If the authors of a set require that their terms be
   * accepted by hand, nothing is downloaded, and its files are only verified.
   *
   * @param set the set, for example {@code PublishedDataset.find("cifar10").orElseThrow()}
   * @return its files
   * @throws IOException if a file cannot be downloaded, written, verified or unpacked, or if a file
   *     of a set fetched by hand is missing; the message states which, and what to do
   */
  @CanIgnoreReturnValue
  public List<Path> fetch(PublishedDataset set) throws IOException {
    Path folder = root.resolve(set.folder()).toAbsolutePath().normalize();
    Files.createDirectories(folder);
    Path lockFile = folder.resolve("." + set.name() + ".lock");
    Lock lock = LOCKS.computeIfAbsent(lockFile, path -> new ReentrantLock());
    lock.lock();
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = channel.lock()) {
      if (!held.isValid()) {
        throw new IOException("cannot lock " + lockFile);
      }
      return set.byHand() ? check(set, folder) : fetch(set, folder);
    } finally {
      lock.unlock();
    }
  }

  private List<Path> fetch(PublishedDataset set, Path folder) throws IOException {
    Unpacker.removeLeftovers(folder, set.name());
    Path source = folder.resolve(set.name() + "-SOURCE.txt");
    List<Path> files = new ArrayList<>();
    boolean news = !Files.isRegularFile(source);
    for (RemoteFile file : set.files()) {
      Path target = folder.resolve(file.name());
      if (Files.isRegularFile(target) && Verification.fits(target, file)) {
        listener.onMessage(target + " is there and has the right checksum");
      } else {
        listener.onMessage(
            String.format(Locale.ROOT, "%s, %,d bytes", file.address(), file.size()));
        new Transfer(file, target, listener, stall, pause, attempts).run();
        news = true;
      }
      files.add(target);
    }
    if (news && set.unpacking() == PublishedDataset.Unpacking.UNPACK) {
      for (Path file : files) {
        listener.onMessage("unpacking " + file);
        Unpacker.unpack(file, folder, set.name());
      }
    }
    AtomicFiles.write(
        source, temporary -> Files.writeString(temporary, describe(set), StandardCharsets.UTF_8));
    return files;
  }

  private List<Path> check(PublishedDataset set, Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (RemoteFile file : set.files()) {
      Path target = folder.resolve(file.name());
      if (!Files.isRegularFile(target)) {
        missing.add(
            String.format(
                Locale.ROOT, "%s (%,d bytes, %s)", file.name(), file.size(), file.address()));
      } else {
        listener.onMessage("checking " + target);
        Verification.require(target, file);
        files.add(target);
      }
    }
    if (!missing.isEmpty()) {
      throw new NoSuchFileException(
          folder.toString(),
          null,
          String.format(
              Locale.ROOT,
              "%s is fetched by hand, because its authors require that their terms (%s) be"
                  + " accepted: see %s. Put"
                  + " there: %s",
              set.name(),
              set.license(),
              set.page(),
              String.join("; ", missing)));
    }
    return files;
  }

  private static String describe(PublishedDataset set) {
    StringBuilder text = new StringBuilder();
    text.append("Data set: ").append(set.name()).append('\n');
    text.append("Page: ").append(set.page()).append('\n');
    text.append("License: ").append(set.license()).append('\n');
    for (RemoteFile file : set.files()) {
      text.append(
          String.format(
              Locale.ROOT,
              "File: %s, %d bytes, SHA-256 %s, from %s%n",
              file.name(),
              file.size(),
              file.sha256(),
              file.address()));
    }
    return text.toString();
  }

  @Override
  public String toString() {
    return "Downloader[" + root + "]";
  }
}
