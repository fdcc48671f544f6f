package org.udge.examples.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.examples.CommandRun;
import org.udge.examples.cli.Cli;
import picocli.CommandLine;

class ReportTest {

  @TempDir private Path folder;

  private Path runs() throws IOException {
    Path runs = folder.resolve("runs");
    SampleRuns.twelve(runs);
    return runs;
  }

  @Test
  void writes_one_file() throws IOException {
    Path page = folder.resolve("page.html");
    CommandRun run = CommandRun.of("report", runs(), "--output", page);
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    assertThat(run.out()).isEqualToNormalizingNewlines("report: " + page + ", 12 runs\n");
    assertThat(Files.readString(page)).contains("run-1b3").contains("Made by udge ");
  }

  @Test
  void takes_the_latest_pictures_all_or_none() throws IOException {
    assertThat(pictures("latest")).isEqualTo(2);
    assertThat(pictures("all")).isEqualTo(3);
    assertThat(pictures("none")).isZero();
  }

  private int pictures(String which) throws IOException {
    Path page = folder.resolve(which + ".html");
    CommandRun run = CommandRun.of("report", runs(), "--output", page, "--pictures", which);
    assertThat(run.status()).isZero();
    return Files.readString(page).split("data:image/png;base64", -1).length - 1;
  }

  @Test
  void reads_files_of_other_names() throws IOException {
    Path run = Files.createDirectories(folder.resolve("other"));
    Files.writeString(run.resolve("log.tsv"), "itr\treturn\n1\t2\n");
    Files.writeString(run.resolve("config.json"), "{\"agent\": {\"lr\": 0.5}}");
    Path page = folder.resolve("page.html");
    CommandRun given =
        CommandRun.of(
            "report",
            run,
            "--output",
            page,
            "--progress_file",
            "none.csv,log.tsv",
            "--settings_file",
            "config.json");
    assertThat(given.status()).isZero();
    assertThat(Files.readString(page)).contains("\"agent.lr\":\"0.5\"").contains("\"return\"");
  }

  @Test
  void lists_what_is_broken() throws IOException {
    Path runs = folder.resolve("awkward");
    SampleRuns.awkward(runs);
    CommandRun run = CommandRun.of("report", runs, "--output", folder.resolve("page.html"));
    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains("2 runs")
        .contains("not shown: broken/progress.csv: row 2 has 3 cells, the header 2");
  }

  @Test
  void names_what_is_wrong() throws IOException {
    assertRefused(1, "expected a run or a folder of runs", "report", folder.resolve("absent"));
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertRefused(1, "expected folders with progress.csv or result.json", "report", empty);
    assertRefused(2, "Missing required parameter", "report");
    assertRefused(
        2, "must be a whole number from 0 to 65535, was '99999'", "report", empty, "--port", 99999);
    assertRefused(
        2, "--output writes a page, --serve does not", "report", empty, "--serve", "--output", "a");
  }

  private static void assertRefused(int status, String message, Object... args) {
    CommandRun run = CommandRun.of(args);
    assertThat(run.err()).contains(message);
    assertThat(run.status()).isEqualTo(status);
  }

  @Test
  void serves_until_it_is_stopped() throws Exception {
    StringWriter out = new StringWriter();
    CommandLine line = Cli.commandLine(new Report());
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(out, true));
    String runs = runs().toString();
    AtomicInteger status = new AtomicInteger(-1);
    Thread command = new Thread(() -> status.set(line.execute(runs, "--serve", "--port", "0")));
    command.start();
    Pattern expected = Pattern.compile("12 runs at (http://127\\.0\\.0\\.1:\\d+/) ");
    while (command.isAlive() && !expected.matcher(out.toString()).find()) {
      Thread.sleep(20);
    }
    Matcher address = expected.matcher(out.toString());
    assertThat(address.find()).as(out.toString()).isTrue();
    HttpResponse<String> page =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(address.group(1))).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(page.body()).contains("<title>Runs</title>");
    command.interrupt();
    command.join();
    assertThat(status.get()).isNotEqualTo(-1);
  }
}
