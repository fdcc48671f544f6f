package org.udge.examples.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.examples.report.ReportRun.Event;

class RunFinderTest {

  @TempDir private Path folder;

  private RunFinder finder(Path... roots) {
    return new RunFinder(
        List.of(roots),
        new RunReader(List.of("progress.csv"), List.of("variant.json", "params.json")));
  }

  private Path file(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static List<String> names(Runs runs) {
    return runs.runs().stream().map(ReportRun::name).toList();
  }

  @Test
  void finds_runs_to_any_depth() throws IOException {
    file("a/1/progress.csv", "steps,loss\n1,2\n");
    file("a/2/deep/progress.csv", "steps,loss\n1,2\n");
    file("b/result.json", "{\"metrics\": {\"test/accuracy\": 0.5}}");
    file("c/variant.json", "{}");
    file(".hidden/progress.csv", "steps,loss\n1,2\n");
    assertThat(names(finder(folder).find())).containsExactly("a/1", "a/2/deep", "b");
    assertThat(names(finder(folder.resolve("a/1")).find())).containsExactly("1");
    assertThat(names(finder(folder.resolve("a/1"), folder.resolve("b"), folder).find()))
        .containsExactly("a/1", "a/2/deep", "b");
  }

  @Test
  void reads_nested_settings_flat() throws IOException {
    file("a/progress.csv", "steps,loss\n1,2\n");
    file(
        "a/params.json",
        "{\"lr\": 1e-3, \"net\": {\"depth\": 10.0, \"norm\": null, \"on\": true, \"empty\": {}},"
            + " \"list\": [1, 2]}");
    ReportRun run = finder(folder).find().runs().get(0);
    assertThat(run.settings())
        .containsExactly(
            entry("lr", "0.001"),
            entry("net.depth", "10"),
            entry("net.norm", "null"),
            entry("net.on", "true"),
            entry("net.empty", "{}"),
            entry("list", "[1,2]"));
    file("a/variant.json", "{\"lr\": 2}");
    assertThat(finder(folder).find().runs().get(0).settings()).containsExactly(entry("lr", "2"));
  }

  @Test
  void takes_other_names_of_files() throws IOException {
    file("a/log.txt", "steps\tloss\n1\t2\n");
    file("a/config.json", "{\"lr\": 2}");
    RunFinder finder =
        new RunFinder(List.of(folder), new RunReader(List.of("log.txt"), List.of("config.json")));
    ReportRun run = finder.find().runs().get(0);
    assertThat(run.columns().names()).containsExactly("steps", "loss");
    assertThat(run.settings()).containsExactly(entry("lr", "2"));
  }

  @Test
  void reads_results_divergence_and_pictures() throws IOException {
    file("a/progress.csv", "steps,loss\n1,2\n");
    file(
        "a/result.json",
        "{\"metrics\": {\"m\": 0.5, \"none\": null}, \"divergence\": [\"step 7: bad\", {\"step\":"
            + " 9, \"text\": \"worse\"}, \"?\"]}");
    for (String name : List.of("x_q_000005.png", "x_q_000010.png", "training.png", "a-2.jpeg")) {
      file("a/" + name, "");
    }
    ReportRun run = finder(folder).find().runs().get(0);
    assertThat(run.metrics()).containsExactly(entry("m", 0.5));
    assertThat(run.events())
        .containsExactly(
            new Event(OptionalLong.of(7), "step 7: bad"),
            new Event(OptionalLong.of(9), "worse"),
            new Event(OptionalLong.empty(), "?"));
    assertThat(run.pictures().stream().map(each -> each.kind() + " " + each.number().orElse(-1)))
        .containsExactly("a 2", "training -1", "x_q 5", "x_q 10");
  }

  @Test
  void lists_broken_files_with_their_reason_and_shows_the_others() throws IOException {
    file("good/progress.csv", "steps,loss\n1,2\n");
    file("half/progress.csv", "steps,loss\n1,2\n");
    file("half/variant.json", "{\"lr\": ");
    file("list/progress.csv", "steps,loss\n1,2\n");
    file("list/variant.json", "[]");
    file("bad/progress.csv", "steps,loss\n1,2,3\n");
    Runs runs = finder(folder).find();
    assertThat(names(runs)).containsExactly("good", "half", "list");
    assertThat(runs.problems().stream().map(Problem::file))
        .containsExactly("bad/progress.csv", "half/variant.json", "list/variant.json");
    assertThat(runs.problems().get(0).reason()).isEqualTo("row 2 has 3 cells, the header 2");
    assertThat(runs.problems().get(1).reason())
        .startsWith("it is not JSON: Unexpected end-of-input");
    assertThat(runs.problems().get(2).reason()).isEqualTo("it is not a JSON object");
  }

  @Test
  void reads_again_what_has_changed() throws IOException {
    file("a/progress.csv", "steps,loss\n1,2\n");
    RunFinder finder = finder(folder);
    assertThat(finder.find().runs().get(0).columns().rows()).isEqualTo(1);
    file("a/progress.csv", "steps,loss\n1,2\n2,1\n");
    file("b/progress.csv", "steps,loss\n1,2\n");
    assertThat(finder.find().runs().get(0).columns().rows()).isEqualTo(2);
    assertThat(names(finder.find())).containsExactly("a", "b");
    Files.delete(folder.resolve("a/progress.csv"));
    assertThat(names(finder.find())).containsExactly("b");
  }

  @Test
  void refuses_a_folder_that_is_not_there() {
    assertThatThrownBy(() -> finder(folder.resolve("absent")).find())
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("absent: expected a run or a folder of runs");
  }

  @Test
  void does_not_follow_links_in_a_circle() throws IOException {
    file("a/progress.csv", "steps,loss\n1,2\n");
    Files.createSymbolicLink(folder.resolve("a/again"), folder);
    assertThat(names(finder(folder).find())).containsExactly("a");
  }

  @Test
  void joins_a_run_and_those_that_go_on_with_it() throws IOException {
    file("first/progress.csv", "steps,loss\n1,9\n2,8\n3,7\n");
    file("first/result.json", "{\"divergence\": [\"step 2: kept\", \"step 3: undone\"]}");
    file("first/x_000001.png", "old");
    file("first/x_000002.png", "old");
    file("second/progress.csv", "steps,loss\n3,70\n4,60\n");
    file("second/variant.json", "{\"continues\": \"" + folder.resolve("first/last.state") + "\"}");
    file("second/x_000002.png", "new");
    file("third/progress.csv", "steps,loss\n5,50\n");
    file("third/result.json", "{\"continues\": \"second\"}");
    file("other/progress.csv", "steps,loss\n2,80\n");
    file("other/variant.json", "{\"continues\": \"../first\"}");
    Runs runs = finder(folder).find();
    assertThat(names(runs)).containsExactly("other", "third");
    ReportRun whole = runs.runs().get(1);
    assertThat(whole.columns().cells().get(1).stream().map(RunColumns.Cell::value))
        .containsExactly(9.0, 8.0, 70.0, 60.0, 50.0);
    assertThat(whole.continues()).containsExactly("second", "first");
    assertThat(whole.events().stream().map(Event::text)).containsExactly("step 2: kept");
    assertThat(whole.pictures().stream().map(each -> folder.relativize(each.file()).toString()))
        .containsExactly("first/x_000001.png", "second/x_000002.png");
    assertThat(whole.settings()).doesNotContainKey("continues");
    assertThat(runs.runs().get(0).columns().cells().get(1).stream().map(RunColumns.Cell::value))
        .containsExactly(9.0, 80.0);
  }

  @Test
  void runs_that_continue_what_is_not_there_or_each_other_stay() throws IOException {
    file("a/progress.csv", "steps,loss\n1,9\n");
    file("a/variant.json", "{\"continues\": \"elsewhere/\\u0000\"}");
    file("b/progress.csv", "steps,loss\n1,9\n");
    file("b/variant.json", "{\"continues\": \"b\"}");
    Runs runs = finder(folder).find();
    assertThat(names(runs)).containsExactly("a", "b");
  }

  @Test
  void an_evaluation_is_shown_with_the_run_whose_model_it_judges() throws IOException {
    file("run/progress.csv", "steps,loss\n1,9\n");
    file("run/result.json", "{\"metrics\": {\"a\": 1, \"b\": 2}}");
    file("run/x.png", "");
    String model = folder.resolve("run/model.zip").toString();
    file(
        "eval/one/result.json",
        "{\"load_path\": \"" + model + "\", \"metrics\": {\"a\": 1, \"b\": 3, \"c\": 4}}");
    file("eval/one/attack.png", "");
    file("eval/other/result.json", "{\"load_path\": \"elsewhere.zip\", \"metrics\": {\"a\": 5}}");
    Runs runs = finder(folder).find();
    assertThat(names(runs)).containsExactly("eval/other", "run");
    ReportRun run = runs.runs().get(1);
    assertThat(run.metrics())
        .containsExactly(
            entry("a", 1.0), entry("b", 2.0), entry("evaluated/b", 3.0), entry("c", 4.0));
    assertThat(run.pictures().stream().map(ReportRun.Picture::kind)).containsExactly("x", "attack");
  }
}
