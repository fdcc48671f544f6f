package org.udge.datasets.download;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Downloads one file to its destination. */
final class Transfer {

  /** A failure that a retry would not resolve. */
  private static final class Final extends IOException {
    private static final long serialVersionUID = 1;

    Final(String message) {
      super(message);
    }
  }

  private static final int BUFFER = 1 << 16;
  private static final int PARTIAL = 206;
  private static final int RANGE_REFUSED = 416;
  private static final int TOO_MANY = 429;

  private final RemoteFile file;
  private final Path target;
  private final Path part;
  private final DownloadListener listener;
  private final Duration stall;
  private final Duration pause;
  private final int attempts;

  Transfer(
      RemoteFile file,
      Path target,
      DownloadListener listener,
      Duration stall,
      Duration pause,
      int attempts) {
    this.file = file;
    this.target = target;
    this.part = target.resolveSibling("." + target.getFileName() + ".part");
    this.listener = listener;
    this.stall = stall;
    this.pause = pause;
    this.attempts = attempts;
  }

  void run() throws IOException {
    boolean resumed = Files.exists(part) && Files.size(part) > 0;
    fetch();
    if (resumed && !Verification.fits(part, file)) {
      // The first part may belong to another version.
      listener.onMessage("the checksum of the resumed file is wrong: downloading it again");
      Files.delete(part);
      fetch();
    }
    try {
      Verification.require(part, file);
    } catch (IOException e) {
      Files.delete(part);
      throw new IOException(
          file.address() + " is not what was published: " + e.getMessage() + ". Nothing is kept",
          e);
    }
    move();
  }

  private void move() throws IOException {
    try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    try {
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private void fetch() throws IOException {
    int failures = 0;
    Duration wait = pause;
    while (true) {
      long before = here();
      try {
        attempt(before);
        return;
      } catch (Final e) {
        throw e;
      } catch (IOException e) {
        failures = here() > before ? 1 : failures + 1;
        wait = here() > before ? pause : wait;
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        if (failures >= attempts) {
          throw new IOException(
              String.format(
                  Locale.ROOT,
                  "cannot fetch %s: %s. %,d of %,d bytes are kept; the next call goes on there",
                  file.address(),
                  message,
                  here(),
                  file.size()),
              e);
        }
        listener.onMessage(
            String.format(Locale.ROOT, "cut at %,d bytes (%s), going on there", here(), message));
        sleep(wait);
        wait = wait.multipliedBy(2);
      }
    }
  }

  private long here() throws IOException {
    return Files.exists(part) ? Files.size(part) : 0;
  }

  private static void sleep(Duration wait) throws IOException {
    try {
      Thread.sleep(wait.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Final("interrupted while waiting to try again");
    }
  }

  private void attempt(long present) throws IOException {
    long start = present;
    if (start > file.size()) {
      Files.delete(part);
      start = 0;
    }
    if (start == file.size()) {
      return;
    }
    checkSpace(file.size() - start);
    HttpResponse<InputStream> response = send(start);
    try (InputStream body = response.body()) {
      int status = response.statusCode();
      if (status == RANGE_REFUSED && start > 0) {
        Files.delete(part);
        throw new IOException("the server refuses to go on at byte " + start);
      }
      if (status != 200 && status != PARTIAL) {
        String message = response.uri() + " answered " + status;
        if (status >= 400 && status < 500 && status != TOO_MANY) {
          throw new Final(
              String.format(
                  Locale.ROOT,
                  "cannot fetch %s: %s. Is there a newer address? The file may also be put by"
                      + " hand to"
                      + " %s",
                  file.address(),
                  message,
                  target));
        }
        throw new IOException(message);
      }
      long from = status == PARTIAL ? start : 0;
      checkLength(response, from);
      copy(body, from);
    }
  }

  private void checkSpace(long wanted) throws IOException {
    long free = Files.getFileStore(part.getParent()).getUsableSpace();
    if (free < wanted) {
      throw new Final(
          String.format(
              Locale.ROOT,
              "cannot fetch %s: %,d bytes are wanted, %s has room for %,d",
              file.address(),
              wanted,
              part.getParent(),
              free));
    }
  }

  private HttpResponse<InputStream> send(long start) throws IOException {
    HttpClient client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(stall)
            .build();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(file.address()).timeout(stall).header("User-Agent", "udge");
    if (start > 0) {
      request.header("Range", "bytes=" + start + "-");
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Final("interrupted while waiting for " + file.address());
    }
  }

  private void checkLength(HttpResponse<InputStream> response, long from) throws IOException {
    long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
    if (length >= 0 && from + length != file.size()) {
      throw new Final(
          String.format(
              Locale.ROOT,
              "%s has %,d bytes, expected %,d: it is not what was published",
              file.address(),
              from + length,
              file.size()));
    }
    String range = response.headers().firstValue("Content-Range").orElse("bytes " + from + "-");
    if (from > 0 && !range.startsWith("bytes " + from + "-")) {
      Files.delete(part);
      throw new IOException("the server goes on elsewhere: " + range);
    }
  }

  private void copy(InputStream body, long from) throws IOException {
    AtomicLong lastNews = new AtomicLong(System.nanoTime());
    ScheduledExecutorService watch =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "udge-download-watch");
              thread.setDaemon(true);
              return thread;
            });
    long period = Math.max(1, stall.toMillis() / 4);
    try (FileChannel out =
        FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (Files.isRegularFile(part)) {
        out.truncate(from);
      }
      out.position(from);
      var unused =
          watch.scheduleAtFixedRate(
              () -> closeIfStalled(body, lastNews), period, period, TimeUnit.MILLISECONDS);
      byte[] buffer = new byte[BUFFER];
      long done = from;
      for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
        lastNews.set(System.nanoTime());
        done += read;
        if (done > file.size()) {
          throw new IOException("more bytes came than the file has");
        }
        write(out, ByteBuffer.wrap(buffer, 0, read));
        listener.onBytes(file, done);
      }
      if (done < file.size()) {
        throw new IOException("the connection ended");
      }
    } finally {
      watch.shutdownNow();
    }
  }

  private void closeIfStalled(InputStream body, AtomicLong lastNews) {
    if (System.nanoTime() - lastNews.get() > stall.toNanos()) {
      try {
        body.close();
      } catch (IOException e) {
        listener.onMessage("cannot close the connection: " + e.getMessage());
      }
    }
  }

  /** A failure to write, as on a full disk, is not one of the network: nothing is kept. */
  private void write(FileChannel out, ByteBuffer bytes) throws IOException {
    try {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    } catch (IOException e) {
      Files.deleteIfExists(part);
      throw new Final(
          String.format(
              Locale.ROOT,
              "cannot write %s: %s. Is the disk full? Nothing is kept",
              target,
              e.getMessage()));
    }
  }
}
