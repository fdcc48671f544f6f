package org.udge.examples.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportServerTest {

  @TempDir private Path folder;
  private ReportServer server;

  @BeforeEach
  void start() throws IOException {
    SampleRuns.twelve(folder);
    server =
        ReportServer.start(
            new RunFinder(
                List.of(folder), new RunReader(List.of("progress.csv"), List.of("variant.json"))),
            0);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.address() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient()
        .send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  @Test
  void serves_the_page_the_runs_and_their_pictures() throws Exception {
    assertThat(get("").body()).contains("<title>Runs</title>").contains("\"live\":true");
    HttpResponse<String> data = get("data.json");
    assertThat(data.body()).contains("\"name\":\"run-0a1\"").contains("\"source\":\"pictures/0\"");
    HttpResponse<String> picture = get("pictures/0");
    assertThat(picture.statusCode()).isEqualTo(200);
    assertThat(picture.headers().firstValue("Content-Type")).contains("image/png");
    assertThat(picture.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
  }

  @Test
  void says_when_nothing_has_changed() throws Exception {
    String tag = get("data.json").headers().firstValue("ETag").orElseThrow();
    assertThat(get("data.json", "If-None-Match", tag).statusCode()).isEqualTo(304);
    SampleRuns.run(folder.resolve("new"), "{}", "steps,loss\n1,2\n");
    assertThat(get("data.json", "If-None-Match", tag).statusCode()).isEqualTo(200);
  }

  @Test
  void gives_no_other_file() throws Exception {
    Files.writeString(folder.resolve("secret.txt"), "secret");
    for (String path :
        List.of("pictures/99", "pictures/-1", "pictures/../secret.txt", "secret.txt", "%2e%2e/")) {
      assertThat(get(path).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void answers_only_under_its_own_name() throws IOException {
    assertThat(status("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")).contains(" 421 ");
    assertThat(status("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")).contains(" 421 ");
    String host = URI.create(server.address()).getAuthority();
    assertThat(status("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n")).contains(" 200 ");
    assertThat(status("POST / HTTP/1.1\r\nHost: " + host + "\r\n\r\n")).contains(" 405 ");
  }

  @Test
  void listens_on_the_loopback_address_only() {
    assertThat(URI.create(server.address()).getHost())
        .isEqualTo(InetAddress.getLoopbackAddress().getHostAddress());
  }

  private String status(String request) throws IOException {
    URI address = URI.create(server.address());
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
          .readLine();
    }
  }
}
