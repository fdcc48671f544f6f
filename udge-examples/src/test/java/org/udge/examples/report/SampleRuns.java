package org.udge.examples.report;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/**
 * Runs whose curves are known: {@code loss} is alpha + 10 [beta is b] + seed / 10 + 100 / step at
 * steps 10, 20, ..., 200.
 */
final class SampleRuns {

  /** Name of a run whose name, settings and columns are code. */
  static final String HOSTILE = "<script>alert(1)</script>";

  private SampleRuns() {}

  static double loss(int alpha, boolean b, double seed, int step) {
    return alpha + (b ? 10 : 0) + seed / 10 + 100.0 / step;
  }

  /** Four settings by three seeds. */
  static void twelve(Path folder) throws IOException {
    for (int alpha = 0; alpha <= 1; alpha++) {
      for (String beta : List.of("a", "b")) {
        for (int seed = 1; seed <= 3; seed++) {
          boolean b = beta.equals("b");
          Path run = folder.resolve("run-" + alpha + beta + seed);
          run(run, settings(alpha, beta, seed), rows(alpha, b, seed, 1, 20));
          Files.writeString(
              run.resolve("result.json"),
              String.format(
                  Locale.ROOT,
                  "{\"command\": \"train\", \"metrics\": {\"test/accuracy\": %s, \"test/nll\":"
                      + " null}}",
                  0.5 + 0.1 * alpha + 0.01 * seed));
        }
      }
    }
    picture(folder.resolve("run-0a1/samples_000001.png"), Color.RED);
    picture(folder.resolve("run-0a1/samples_000020.png"), Color.GREEN);
    picture(folder.resolve("run-1b3/reliability.png"), Color.BLUE);
    Files.writeString(
        folder.resolve("run-1b3/result.json"),
        "{\"metrics\": {\"test/accuracy\": 0.63}, \"divergence\": [\"step 100: loss was 5, limit"
            + " 4\"]}");
  }

  static String settings(int alpha, String beta, int seed) {
    return String.format(
        "{\"alpha\": %d, \"net\": {\"beta\": \"%s\"}, \"seed\": %d, \"lr\": 0.1}",
        alpha, beta, seed);
  }

  static String rows(int alpha, boolean b, int seed, int first, int last) {
    return "steps,epoch,seconds,loss,other\n"
        + IntStream.rangeClosed(first, last)
            .mapToObj(
                i ->
                    String.format(
                        Locale.ROOT,
                        "%d,%d,%.1f,%s,%s",
                        10 * i,
                        i,
                        1.5 * i * seed,
                        loss(alpha, b, seed, 10 * i),
                        -i))
            .collect(Collectors.joining("\n"))
        + "\n";
  }

  static void run(Path folder, String settings, String progress) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("variant.json"), settings);
    Files.writeString(folder.resolve("progress.csv"), progress);
  }

  /** A run with gaps, a run that is an attack, and a broken one. */
  static void awkward(Path folder) throws IOException {
    run(folder.resolve("gap"), settings(2, "a", 1), "steps,loss\n10,5\n20,nan\n30,4\n");
    String code = "<img src=x onerror=alert(2)>";
    run(
        folder.resolve("<script>alert(1)<").resolve("script>"),
        "{\"alpha\": \"</script><script>alert(3)</script>\", \""
            + code
            + "\": \"=1+1\", \"seed\": 1}",
        "steps,loss," + code + "\n10,5,6\n20,4,5\n");
    run(folder.resolve("broken"), "{}", "steps,loss\n1,2,3\n");
  }

  private static void picture(Path file, Color color) throws IOException {
    BufferedImage image = new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(color);
    graphics.fillRect(0, 0, 64, 48);
    graphics.dispose();
    ImageIO.write(image, "png", file.toFile());
  }
}
