package org.udge.examples.report;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.CRC32C;

/**
 * Serves a page of live runs on the loopback address: the page at {@code /}, the current state of
 * the runs at {@code /data.json}, and pictures by their number there. No other files are served.
 *
 * <p>Answers only requests whose host is one of the names of the loopback address, so that no web
 * page whose name resolves to this machine can read them.
 */
final class ReportServer implements AutoCloseable {

  private static final int OK = 200;
  private static final int NOT_MODIFIED = 304;
  private static final int NOT_FOUND = 404;
  private static final int NOT_ALLOWED = 405;
  private static final int WRONG_HOST = 421;
  private static final int FAILED = 500;

  private final RunFinder finder;
  private final String page;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(4);

  /** Pictures by their number: an address, once assigned, always denotes the same picture. */
  private final List<Path> pictures = new ArrayList<>();

  private ReportServer(RunFinder finder, int port) throws IOException {
    this.finder = finder;
    this.page = ReportPage.live();
    this.server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext("/", this::handle);
    server.setExecutor(threads);
  }

  /**
   * Starts serving.
   *
   * @param port from 1 to 65535, or 0 for any free port
   */
  static ReportServer start(RunFinder finder, int port) throws IOException {
    ReportServer server = new ReportServer(finder, port);
    server.server.start();
    return server;
  }

  /** The address of the page. */
  String address() {
    return "http://" + host() + "/";
  }

  private String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      if (!isOurs(exchange.getRequestHeaders().getFirst("Host"))) {
        answer(exchange, WRONG_HOST, "text/plain", "this server answers to " + host());
      } else if (!method.equals("GET") && !method.equals("HEAD")) {
        answer(exchange, NOT_ALLOWED, "text/plain", "only GET and HEAD are answered");
      } else {
        answer(exchange, exchange.getRequestURI().getPath());
      }
    }
  }

  private boolean isOurs(String host) {
    int port = server.getAddress().getPort();
    return Set.of("127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port)
        .contains(String.valueOf(host));
  }

  private void answer(HttpExchange exchange, String path) throws IOException {
    try {
      if (path.equals("/")) {
        answer(exchange, OK, "text/html; charset=utf-8", page);
      } else if (path.equals("/data.json")) {
        answerData(exchange);
      } else if (path.matches("/pictures/\\d{1,9}")) {
        answerPicture(exchange, Integer.parseInt(path.substring("/pictures/".length())));
      } else {
        answer(exchange, NOT_FOUND, "text/plain", "there is nothing here");
      }
    } catch (IOException e) {
      if (exchange.getResponseCode() < 0) {
        answer(exchange, FAILED, "text/plain", String.valueOf(e.getMessage()));
      } else {
        throw e;
      }
    }
  }

  private void answerData(HttpExchange exchange) throws IOException {
    String data = ReportJson.of(finder.find(), "", true, this::pictureAddress);
    byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    String tag = String.format(Locale.ROOT, "\"%d-%08x\"", bytes.length, checksum.getValue());
    exchange.getResponseHeaders().set("ETag", tag);
    if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
      headers(exchange, "application/json");
      exchange.sendResponseHeaders(NOT_MODIFIED, -1);
    } else {
      answer(exchange, OK, "application/json", bytes);
    }
  }

  private void answerPicture(HttpExchange exchange, int number) throws IOException {
    Path file;
    synchronized (pictures) {
      if (number >= pictures.size()) {
        answer(exchange, NOT_FOUND, "text/plain", "there is no picture " + number);
        return;
      }
      file = pictures.get(number);
    }
    answer(exchange, OK, PictureFiles.mediaType(file), PictureFiles.read(file));
  }

  private String pictureAddress(ReportRun.Picture picture) {
    synchronized (pictures) {
      int known = pictures.indexOf(picture.file());
      if (known < 0) {
        pictures.add(picture.file());
        known = pictures.size() - 1;
      }
      return "pictures/" + known;
    }
  }

  private static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    answer(exchange, status, type, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void answer(HttpExchange exchange, int status, String type, byte[] content)
      throws IOException {
    headers(exchange, type);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(status, -1);
    } else {
      exchange.sendResponseHeaders(status, content.length);
      exchange.getResponseBody().write(content);
    }
  }

  private static void headers(HttpExchange exchange, String type) {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.getResponseHeaders().set("Cross-Origin-Resource-Policy", "same-origin");
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
