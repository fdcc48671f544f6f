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
 * Fetches published data sets into a folder, when called and never otherwise.
 *
 * <p>A file is written beside its place under a hidden name ({@code .NAME.part}), compared in size
 * and SHA-256 with what is known of it, and only then moved into place. A cut connection is resumed
 * where it was cut, at once and in a later call; a file with another checksum is thrown away.
 * Archives are unpacked safely: nothing outside the folder, no links, no more than 16 times the
 * archive's size. Beside the files, {@code SET-SOURCE.txt} says where they come from and under
 * which license.
 *
 * <p>Several threads and processes may fetch the same set at once: all but one wait ({@code
 * .SET.lock}). Immutable and thread-safe.
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
   * Downloads into a folder. A server that sends nothing for 60 seconds counts as cut; a cut is
   * tried again five times, after 2, 4, 8, ... seconds.
   *
   * @param root the folder of all data sets; made if missing
   * @return the downloader
   */
  public static Downloader to(Path root) {
    return new Downloader(
        root, DownloadListener.none(), Duration.ofSeconds(60), Duration.ofSeconds(2), 6);
  }

  /**
   * The same, heard by a listener.
   *
   * @param listener hears how it goes on
   * @return the copy
   */
  public Downloader withListener(DownloadListener listener) {
    return new Downloader(root, listener, stall, pause, attempts);
  }

  /**
   * The same with other patience.
   *
   * @param stall how long a server may send nothing, above 0
   * @param pause how long to wait before the second attempt; twice as long before each further one
   * @param attempts how often to try in all, at least 1; an attempt that brings anything new does
   *     not count
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
   * Fetches what is missing of a set. Of a set whose makers want their terms accepted by hand,
   * nothing is fetched: its files are checked.
   *
   * @param set the set, for example {@code PublishedDataset.find("cifar10").orElseThrow()}
   * @return its files
   * @throws IOException if a file cannot be fetched, written, verified or unpacked, or is missing
   *     of a set fetched by hand; the message says which, and what to do
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
              "%s is fetched by hand, because its makers ask to accept their terms (%s): see %s. Put"
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
