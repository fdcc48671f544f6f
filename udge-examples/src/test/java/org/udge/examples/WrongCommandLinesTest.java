package org.udge.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.udge.EnergyModel;
import org.udge.datasets.ShapesDataset;
import org.udge.interop.ElementType;
import org.udge.interop.NpyWriter;
import org.udge.network.ConvNet;

/**
 * Every command line of {@code wrong-command-lines.txt} ends soon, with its exit status, one line
 * that names the flag, its value and what would be right, and with no file or folder left behind.
 */
class WrongCommandLinesTest {

  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** Commands that make run folders. */
  private static final Set<String> RUNS = Set.of("train", "eval", "attack", "quickstart");

  @TempDir private static Path folder;
  private static final Map<String, Path> PATHS = new LinkedHashMap<>();

  @BeforeAll
  static void make_files() throws IOException {
    for (String name : List.of("missing", "empty", "csvfolder.csv", "pngs", "run", "out")) {
      PATHS.put(name.replace(".csv", ""), folder.resolve(name));
    }
    for (String name : List.of("empty", "csvfolder", "pngs", "run")) {
      Files.createDirectories(PATHS.get(name));
    }
    text("text", "notes.txt", "no images, no model");
    text("broken", "broken.zip", "no archive");
    text("brokenpt", "broken.pt", "no archive");
    text("brokennpy", "broken.npy", "no array");
    PATHS.put("model", folder.resolve("model.zip"));
    PATHS.put("folder", folder);
    List<String> classes = ShapesDataset.standard().test(1).classNames();
    try (EnergyModel model =
        EnergyModel.builder(ConvNet.of(4).withHidden(8)).classNames(classes).build()) {
      model.save(PATHS.get("model"));
      model.save(PATHS.get("run").resolve("model.zip"));
    }
    Files.writeString(PATHS.get("run").resolve("variant.json"), "{\"dataset\": \"shapes\"}");
    images("images", 32);
    images("wrongshape", 16);
    ImageIO.write(
        new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB),
        "png",
        PATHS.get("pngs").resolve("black.png").toFile());
  }

  private static void text(String key, String name, String content) throws IOException {
    PATHS.put(key, Files.writeString(folder.resolve(name), content));
  }

  private static void images(String key, int size) throws IOException {
    PATHS.put(key, folder.resolve(key + ".npy"));
    try (NpyWriter file = NpyWriter.create(PATHS.get(key), ElementType.FLOAT32, 3, size, size)) {
      file.append(new float[2 * 3 * size * size]);
      file.commit();
    }
  }

  static Stream<Arguments> lines() throws IOException {
    try (InputStream table =
        WrongCommandLinesTest.class.getResourceAsStream("wrong-command-lines.txt")) {
      return new String(table.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .map(line -> line.split(" \\| ", 3))
              .map(cells -> Arguments.of(Integer.valueOf(cells[0].strip()), cells[1], cells[2]))
              .toList()
              .stream();
    }
  }

  private static String replaced(String text, boolean quoted) {
    String result = text;
    for (Map.Entry<String, Path> path : PATHS.entrySet()) {
      String value = path.getValue().toString();
      result = result.replace("{" + path.getKey() + "}", quoted ? "\\Q" + value + "\\E" : value);
    }
    return result;
  }

  private static Set<Path> files() {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("lines")
  void says_in_one_line_what_is_wrong_and_leaves_nothing(
      int status, String command, String message) {
    List<String> args = new ArrayList<>(List.of(replaced(command, false).strip().split(" +")));
    if (RUNS.contains(args.get(0)) && !args.contains("--log_dir")) {
      args.addAll(List.of("--log_dir", folder.resolve("logs").toString()));
    }
    Set<Path> before = files();
    CommandRun run = assertTimeoutPreemptively(LIMIT, () -> CommandRun.of(args.toArray()));
    assertThat(run.err()).containsPattern(replaced(message, true)).hasLineCount(1);
    assertThat(run.err()).doesNotContain("Exception").doesNotContain("null");
    assertThat(run.out()).isEmpty();
    assertThat(run.status()).isEqualTo(status);
    assertThat(files()).isEqualTo(before);
    assertThat(Path.of("runs")).doesNotExist();
  }
}
