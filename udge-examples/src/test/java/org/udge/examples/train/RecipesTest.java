package org.udge.examples.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.udge.examples.CommandRun;

/** The files of flags in the folder {@code recipes}. */
class RecipesTest {

  private static final Path RECIPES = Path.of("..", "recipes");

  static List<String> names() throws IOException {
    return names(RECIPES);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".args"))
          .sorted()
          .toList();
    }
  }

  @Test
  void there_is_a_small_version_of_each_and_each_is_in_the_table() throws IOException {
    assertThat(names()).hasSize(17).isEqualTo(names(RECIPES.resolve("laptop")));
    String table = Files.readString(RECIPES.resolve("README.md"));
    assertThat(names()).allSatisfy(name -> assertThat(table).contains("](" + name + ")"));
  }

  @ParameterizedTest
  @MethodSource("names")
  void every_recipe_is_a_command_line(String name) throws IOException {
    for (Path file : List.of(RECIPES.resolve(name), RECIPES.resolve("laptop").resolve(name))) {
      CommandRun run = CommandRun.of("train", "@" + file, "--data_root", "DATA", "--dry_run");
      assertThat(run.err()).isEmpty();
      assertThat(run.status()).isZero();
      assertThat(run.out())
          .startsWith("would train WideResNet[")
          .contains(name.contains("cifar100") ? " on cifar100 " : " on cifar10 ")
          .contains(name.contains("-bn") ? "BATCH" : "NONE")
          .matches(out -> name.contains("jem") == out.contains("1.0 pxsgld"))
          .matches(out -> name.contains("hdge") == out.contains("1.0 pxycontrast"));
      assertThat(run.out().contains("1.0 pyxce")).isEqualTo(!name.contains("contrast"));
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void every_recipe_says_the_papers_figure_and_what_was_measured(String name) throws IOException {
    assertThat(Files.readString(RECIPES.resolve(name)))
        .containsPattern("(?m)^# Paper, .*table.* Not reproduced here\\.$");
    assertThat(Files.readString(RECIPES.resolve("laptop").resolve(name)))
        .containsPattern("(?m)^# Paper, at full size, .*table")
        .containsPattern("(?m)^# Measured here: ");
  }

  /** A file that is missing is no silent argument. */
  @Test
  void a_missing_recipe_is_told() {
    CommandRun run = CommandRun.of("train", "@recipes/nothing.args", "--dry_run");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("@recipes/nothing.args").hasLineCount(1);
  }
}
