package org.udge.datasets.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.hash.Hashing;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.udge.datasets.FormatFiles;

class DownloaderTest {

  private static final byte[] CONTENT = new byte[300_000];

  static {
    for (int i = 0; i < CONTENT.length; i++) {
      CONTENT[i] = (byte) (i * 31 + i / 1000);
    }
  }

  @TempDir Path root;
  private HttpServer server;
  private ExecutorService threads;
  private final List<String> messages = Collections.synchronizedList(new ArrayList<>());
  private final List<String> ranges = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger requests = new AtomicInteger();

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    threads = Executors.newCachedThreadPool();
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  private interface Answer {
    void to(HttpExchange exchange, int request) throws IOException;
  }

  private void serve(Answer answer) {
    server.createContext(
        "/file.bin",
        exchange -> {
          try (exchange) {
            ranges.add(String.valueOf(exchange.getRequestHeaders().getFirst("Range")));
            answer.to(exchange, requests.incrementAndGet());
          }
        });
  }

  /** All that is asked for, as servers do that can go on in the middle. */
  private static void whole(HttpExchange exchange, byte[] content) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
    exchange.getResponseBody().write(content, from, content.length - from);
  }

  private static void cut(HttpExchange exchange, int from, int bytes) throws IOException {
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, CONTENT.length - from);
    OutputStream out = exchange.getResponseBody();
    out.write(CONTENT, from, bytes);
    out.flush();
  }

  private String address(String path) {
    return "http://"
        + server.getAddress().getAddress().getHostAddress()
        + ":"
        + server.getAddress().getPort()
        + path;
  }

  private PublishedDataset set(byte[] content) {
    return set(content, "file.bin", PublishedDataset.Unpacking.NONE, false);
  }

  private PublishedDataset set(
      byte[] content, String name, PublishedDataset.Unpacking unpacking, boolean byHand) {
    RemoteFile file =
        new RemoteFile(
            URI.create(address("/file.bin")),
            name,
            content.length,
            Hashing.sha256().hashBytes(content).toString());
    return new PublishedDataset(
        "toy", "toy", List.of(file), unpacking, byHand, URI.create("http://example.org/"), "free");
  }

  private Downloader downloader() {
    return Downloader.to(root)
        .withPatience(Duration.ofMillis(700), Duration.ofMillis(10), 4)
        .withListener(
            new DownloadListener() {
              @Override
              public void onMessage(String message) {
                messages.add(message);
              }
            });
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .filter(name -> !name.endsWith(".lock"))
          .sorted()
          .toList();
    }
  }

  @Test
  void fetches_a_file_and_says_where_it_is_from() throws IOException {
    serve((exchange, request) -> whole(exchange, CONTENT));
    List<Long> progress = new ArrayList<>();
    List<Path> files =
        Downloader.to(root)
            .withListener(
                new DownloadListener() {
                  @Override
                  public void onBytes(RemoteFile file, long done) {
                    progress.add(done);
                  }
                })
            .fetch(set(CONTENT));
    assertThat(files).containsExactly(root.toAbsolutePath().resolve("toy/file.bin"));
    assertThat(files.get(0)).hasBinaryContent(CONTENT);
    assertThat(progress).isSorted().endsWith((long) CONTENT.length);
    assertThat(root.resolve("toy/toy-SOURCE.txt"))
        .content()
        .contains(
            "License: free", "Page: http://example.org/", "300000 bytes", address("/file.bin"));
    assertThat(names()).containsExactly("toy/file.bin", "toy/toy-SOURCE.txt");
  }

  @Test
  void fetches_nothing_that_is_there() throws IOException {
    serve((exchange, request) -> whole(exchange, CONTENT));
    downloader().fetch(set(CONTENT));
    downloader().fetch(set(CONTENT));
    assertThat(requests).hasValue(1);
    Files.write(root.resolve("toy/file.bin"), new byte[5]);
    downloader().fetch(set(CONTENT));
    assertThat(requests).hasValue(2);
    assertThat(root.resolve("toy/file.bin")).hasBinaryContent(CONTENT);
  }

  @Test
  void goes_on_where_the_connection_was_cut() throws IOException {
    serve(
        (exchange, request) -> {
          if (request == 1) {
            cut(exchange, 0, 100_000);
          } else {
            whole(exchange, CONTENT);
          }
        });
    downloader().fetch(set(CONTENT));
    assertThat(root.resolve("toy/file.bin")).hasBinaryContent(CONTENT);
    assertThat(ranges).hasSize(2).element(0).isEqualTo("null");
    assertThat(ranges.get(1)).matches("bytes=[1-9]\\d*-");
    assertThat(messages).anyMatch(message -> message.startsWith("cut at "));
  }

  @Test
  void a_later_call_goes_on_after_the_attempts_are_used_up() throws IOException {
    serve(
        (exchange, request) -> {
          if (request == 1) {
            cut(exchange, 0, 50_000);
          } else if (request <= 5) {
            exchange.sendResponseHeaders(503, -1);
          } else {
            whole(exchange, CONTENT);
          }
        });
    assertThatThrownBy(() -> downloader().fetch(set(CONTENT)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("answered 503")
        .hasMessageContaining("are kept; the next call goes on there");
    assertThat(root.resolve("toy/file.bin")).doesNotExist();
    downloader().fetch(set(CONTENT));
    assertThat(root.resolve("toy/file.bin")).hasBinaryContent(CONTENT);
    assertThat(ranges.get(ranges.size() - 1)).matches("bytes=[1-9]\\d*-");
    assertThat(names()).containsExactly("toy/file.bin", "toy/toy-SOURCE.txt");
  }

  @Test
  void a_server_that_cannot_go_on_starts_anew() throws IOException {
    serve(
        (exchange, request) -> {
          if (request == 1) {
            cut(exchange, 0, 100_000);
          } else {
            exchange.sendResponseHeaders(200, CONTENT.length);
            exchange.getResponseBody().write(CONTENT);
          }
        });
    downloader().fetch(set(CONTENT));
    assertThat(root.resolve("toy/file.bin")).hasBinaryContent(CONTENT);
  }

  @Test
  void a_wrong_checksum_leaves_nothing() throws IOException {
    byte[] other = CONTENT.clone();
    other[77]++;
    serve((exchange, request) -> whole(exchange, other));
    assertThatThrownBy(() -> downloader().fetch(set(CONTENT)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not what was published")
        .hasMessageContaining("SHA-256");
    assertThat(names()).isEmpty();
  }

  @Test
  void a_beginning_of_another_version_is_fetched_anew() throws IOException {
    Files.createDirectories(root.resolve("toy"));
    Files.write(root.resolve("toy/.file.bin.part"), new byte[1000]);
    serve((exchange, request) -> whole(exchange, CONTENT));
    downloader().fetch(set(CONTENT));
    assertThat(root.resolve("toy/file.bin")).hasBinaryContent(CONTENT);
    assertThat(ranges).containsExactly("bytes=1000-", "null");
  }

  @Test
  void another_length_is_refused_before_it_is_fetched() throws IOException {
    serve((exchange, request) -> whole(exchange, Arrays.copyOf(CONTENT, 400_000)));
    assertThatThrownBy(() -> downloader().fetch(set(CONTENT)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has 400,000 bytes, expected 300,000");
    assertThat(names()).isEmpty();
    assertThat(requests).hasValue(1);
  }

  @Test
  void a_server_that_stalls_counts_as_cut() throws IOException {
    serve(
        (exchange, request) -> {
          if (request == 1) {
            cut(exchange, 0, 70_000);
            try {
              Thread.sleep(20_000);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          } else {
            whole(exchange, CONTENT);
          }
        });
    long start = System.nanoTime();
    downloader().fetch(set(CONTENT));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
    assertThat(root.resolve("toy/file.bin")).hasBinaryContent(CONTENT);
  }

  @Test
  void a_server_that_never_answers_is_given_up() {
    serve(
        (exchange, request) -> {
          try {
            Thread.sleep(20_000);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    assertThatThrownBy(
            () ->
                downloader()
                    .withPatience(Duration.ofMillis(200), Duration.ofMillis(1), 2)
                    .fetch(set(CONTENT)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot fetch " + address("/file.bin"))
        .hasMessageContaining("timed out");
  }

  @Test
  void redirects_are_followed() throws IOException {
    serve(
        (exchange, request) -> {
          exchange.getResponseHeaders().set("Location", address("/moved.bin"));
          exchange.sendResponseHeaders(302, -1);
        });
    server.createContext(
        "/moved.bin",
        exchange -> {
          try (exchange) {
            whole(exchange, CONTENT);
          }
        });
    downloader().fetch(set(CONTENT));
    assertThat(root.resolve("toy/file.bin")).hasBinaryContent(CONTENT);
  }

  @Test
  void what_is_gone_is_said_at_once() throws IOException {
    serve((exchange, request) -> exchange.sendResponseHeaders(404, -1));
    assertThatThrownBy(() -> downloader().fetch(set(CONTENT)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(address("/file.bin") + " answered 404")
        .hasMessageContaining("put by hand to " + root.toAbsolutePath().resolve("toy/file.bin"));
    assertThat(requests).hasValue(1);
    assertThat(names()).isEmpty();
  }

  /** Writing to /dev/full fails as on a full disk. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void a_full_disk_is_said_and_nothing_is_left() throws IOException {
    Files.createDirectories(root.resolve("toy"));
    Files.createSymbolicLink(root.resolve("toy/.file.bin.part"), Path.of("/dev/full"));
    serve((exchange, request) -> whole(exchange, CONTENT));
    assertThatThrownBy(() -> downloader().fetch(set(CONTENT)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot write " + root.toAbsolutePath().resolve("toy/file.bin"))
        .hasMessageContaining("Is the disk full? Nothing is kept");
    assertThat(names()).isEmpty();
    assertThat(Files.exists(root.resolve("toy/.file.bin.part"))).isFalse();
  }

  @Test
  void a_disk_without_room_is_not_written_to() throws IOException {
    RemoteFile huge =
        new RemoteFile(URI.create(address("/file.bin")), "x", 1L << 60, "0".repeat(64));
    PublishedDataset set =
        new PublishedDataset(
            "toy",
            "",
            List.of(huge),
            PublishedDataset.Unpacking.NONE,
            false,
            URI.create("http://example.org/"),
            "free");
    assertThatThrownBy(() -> downloader().fetch(set))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("1,152,921,504,606,846,976 bytes are wanted")
        .hasMessageContaining("has room for");
    assertThat(requests).hasValue(0);
  }

  @Test
  void two_at_once_fetch_it_once() throws Exception {
    serve((exchange, request) -> whole(exchange, CONTENT));
    ExecutorService both = Executors.newFixedThreadPool(4);
    try {
      Callable<List<Path>> fetch = () -> downloader().fetch(set(CONTENT));
      for (Future<List<Path>> done : both.invokeAll(Collections.nCopies(4, fetch))) {
        assertThat(done.get()).hasSize(1);
      }
    } finally {
      both.shutdown();
    }
    assertThat(requests).hasValue(1);
  }

  /** Another process holds the lock while it fetches; here it is this test, in another JVM. */
  @Test
  void another_process_is_waited_for() throws Exception {
    serve((exchange, request) -> whole(exchange, CONTENT));
    Files.createDirectories(root.resolve("toy"));
    Path go = root.resolve("go");
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                LockHolder.class.getName(),
                root.resolve("toy/.toy.lock").toString(),
                go.toString())
            .redirectErrorStream(true)
            .start();
    try {
      assertThat((char) holder.getInputStream().read()).isEqualTo('L');
      Future<List<Path>> fetched = threads.submit(() -> downloader().fetch(set(CONTENT)));
      Thread.sleep(300);
      assertThat(fetched.isDone()).isFalse();
      assertThat(requests).hasValue(0);
      Files.createFile(go);
      assertThat(fetched.get()).hasSize(1);
    } finally {
      holder.destroyForcibly();
    }
  }

  private void serveArchive(byte[] archive) {
    serve((exchange, request) -> whole(exchange, archive));
  }

  private void fetchArchive(byte[] archive, String name) throws IOException {
    serveArchive(archive);
    downloader().fetch(set(archive, name, PublishedDataset.Unpacking.UNPACK, false));
  }

  @Test
  void archives_are_unpacked() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("batches/one.bin", new byte[] {1, 2, 3});
    entries.put("batches/deep/two.bin", new byte[] {4});
    byte[] archive = Files.readAllBytes(FormatFiles.tarGz(root.resolve("made.tar.gz"), entries));
    Files.delete(root.resolve("made.tar.gz"));
    fetchArchive(archive, "toy.tar.gz");
    assertThat(root.resolve("toy/batches/one.bin")).hasBinaryContent(new byte[] {1, 2, 3});
    assertThat(root.resolve("toy/batches/deep/two.bin")).hasBinaryContent(new byte[] {4});
    assertThat(names())
        .containsExactly(
            "toy/batches/deep/two.bin",
            "toy/batches/one.bin",
            "toy/toy-SOURCE.txt",
            "toy/toy.tar.gz");
  }

  @Test
  void leftovers_of_a_killed_process_are_removed() throws IOException {
    Files.createDirectories(root.resolve("toy/.toy.unpacking-1234/batches"));
    Files.write(root.resolve("toy/.toy.unpacking-1234/batches/x"), new byte[3]);
    byte[] archive =
        Files.readAllBytes(
            FormatFiles.zip(root.resolve("made.zip"), Map.of("a/b.bin", new byte[] {7})));
    Files.delete(root.resolve("made.zip"));
    fetchArchive(archive, "toy.zip");
    assertThat(names()).containsExactly("toy/a/b.bin", "toy/toy-SOURCE.txt", "toy/toy.zip");
    assertThat(root.resolve("toy/.toy.unpacking-1234")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil.bin",
        "/tmp/evil.bin",
        "a/../../evil.bin",
        "a\\..\\evil.bin",
        "C:evil.bin"
      })
  void entries_that_lead_out_are_refused(String name) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("good.bin", new byte[] {1});
    entries.put(name, new byte[] {2});
    byte[] zip = Files.readAllBytes(FormatFiles.zip(root.resolve("made.zip"), entries));
    Files.delete(root.resolve("made.zip"));
    assertThatThrownBy(() -> fetchArchive(zip, "toy.zip"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("toy.zip")
        .hasMessageContaining("leads out of the folder")
        .hasMessageContaining("Nothing is unpacked");
    assertThat(names()).containsExactly("toy/toy.zip");
  }

  @ParameterizedTest
  @ValueSource(bytes = {TarConstants.LF_SYMLINK, TarConstants.LF_LINK, TarConstants.LF_FIFO})
  void links_and_devices_are_refused(byte type) throws IOException {
    Path made = root.resolve("made.tar");
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(Files.newOutputStream(made))) {
      TarArchiveEntry entry = new TarArchiveEntry("link", type);
      entry.setLinkName("/etc/passwd");
      out.putArchiveEntry(entry);
      out.closeArchiveEntry();
    }
    byte[] archive = Files.readAllBytes(made);
    Files.delete(made);
    assertThatThrownBy(() -> fetchArchive(archive, "toy.tar"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("'link' is a link or a device");
    assertThat(names()).containsExactly("toy/toy.tar");
  }

  @Test
  void bombs_are_refused() throws IOException {
    byte[] zip =
        Files.readAllBytes(
            FormatFiles.zip(root.resolve("made.zip"), Map.of("zeros", new byte[1 << 24])));
    Files.delete(root.resolve("made.zip"));
    assertThatThrownBy(() -> fetchArchive(zip, "toy.zip"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("decompression bomb?");
    assertThat(names()).containsExactly("toy/toy.zip");
  }

  @Test
  void damaged_archives_are_refused() throws IOException {
    byte[] tar =
        Files.readAllBytes(
            FormatFiles.tarGz(root.resolve("made.tar.gz"), Map.of("a.bin", CONTENT)));
    Files.delete(root.resolve("made.tar.gz"));
    byte[] half = Arrays.copyOf(tar, tar.length / 2);
    assertThatThrownBy(() -> fetchArchive(half, "toy.tar.gz")).isInstanceOf(IOException.class);
    assertThat(names()).containsExactly("toy/toy.tar.gz");
  }

  @Test
  void sets_fetched_by_hand_are_only_checked() throws IOException {
    PublishedDataset set = set(CONTENT, "file.bin", PublishedDataset.Unpacking.NONE, true);
    serve((exchange, request) -> whole(exchange, CONTENT));
    assertThatThrownBy(() -> downloader().fetch(set))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("fetched by hand")
        .hasMessageContaining("http://example.org/")
        .hasMessageContaining("file.bin (300,000 bytes");
    Files.write(root.resolve("toy/file.bin"), new byte[10]);
    assertThatThrownBy(() -> downloader().fetch(set))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has 10 bytes, expected 300,000");
    Files.write(root.resolve("toy/file.bin"), CONTENT);
    assertThat(downloader().fetch(set)).hasSize(1);
    assertThat(requests).hasValue(0);
  }

  @Test
  void every_published_set_is_well_formed_and_found_by_name() {
    for (PublishedDataset set : PublishedDataset.all()) {
      assertThat(PublishedDataset.find(set.name())).contains(set);
      assertThat(set.files()).isNotEmpty();
    }
    assertThat(PublishedDataset.find("emnist-letters").orElseThrow().name()).isEqualTo("emnist");
    assertThat(PublishedDataset.find("celeba:Smiling").orElseThrow().byHand()).isTrue();
    assertThat(PublishedDataset.find("shapes")).isEmpty();
  }
}
