package org.udge.examples.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page in a real browser: every control is operated, and what is drawn is looked at. Where
 * there is no Chromium these tests are left out by name; {@link Browsers} says when that is a
 * failure.
 */
class ReportBrowserTest {

  private static final String[] LIGHT = {"#2f6fde", "#e07b00", "#1a9850", "#d1382f"};

  /** Draws "loss" against "steps" by alpha and net.beta: the four series in this order. */
  private static final List<String> SERIES =
      List.of(
          "alpha=0, net.beta=a (n = 3)",
          "alpha=0, net.beta=b (n = 3)",
          "alpha=1, net.beta=a (n = 3)",
          "alpha=1, net.beta=b (n = 3)");

  private static final String FIRST_LEGEND = ".figure:first-child .chart:first-of-type > .legend";

  @TempDir private static Path folder;
  private static Chromium browser;
  private static String page;

  /** What is tested in the browser. */
  private interface Check {
    void run() throws Exception;
  }

  private Map<String, Check> checks() {
    Map<String, Check> checks = new LinkedHashMap<>();
    checks.put("opens_from_a_file_silently_and_asks_for_nothing", this::opensSilently);
    checks.put("draws_a_series_for_each_group_of_seeds", this::drawsSeries);
    checks.put("draws_against_any_column", this::drawsAgainstAnyColumn);
    checks.put("stacks_several_columns", this::stacksColumns);
    checks.put("splits_figures_and_series", this::splits);
    checks.put("has_logarithmic_axes", this::logarithmicAxes);
    checks.put("draws_bars_of_final_values", this::bars);
    checks.put("shows_deviation_standard_error_and_quartiles", this::centers);
    checks.put("draws_every_run_with_the_mean", this::traces);
    checks.put("smooths_with_the_raw_curve_behind", this::smooths);
    checks.put("draws_the_best_so_far", this::bestSoFar);
    checks.put("keeps_the_best", this::best);
    checks.put("filters_and_excludes", this::filters);
    checks.put("leaves_out_runs_with_nan", this::dropsNaN);
    checks.put("hides_single_runs", this::hidesRuns);
    checks.put("switches_series_off_and_on", this::switchesSeries);
    checks.put("tells_values_under_the_pointer", this::hovers);
    checks.put("zooms", this::zooms);
    checks.put("marks_divergence", this::marksDivergence);
    checks.put("shows_pictures_side_by_side", this::pictures);
    checks.put("finds_metrics_by_name", this::metrics);
    checks.put("saves_charts_and_tables", this::saves);
    checks.put("keeps_the_view_in_the_address", this::address);
    checks.put("shows_names_that_are_code_as_text", this::hostile);
    checks.put("fits_a_phone_and_the_dark", this::phone);
    checks.put("computes_as_it_says", this::computes);
    checks.put("follows_live_runs", this::live);
    return checks;
  }

  @TestFactory
  Stream<DynamicTest> in_chromium() throws IOException {
    Optional<Path> chromium =
        Browsers.choose(System.getenv().getOrDefault(Browsers.VARIABLE, ""), Chromium.find());
    if (chromium.isEmpty()) {
      System.out.println(
          "Skipped, because there is no browser (see docs/contributing.md): "
              + String.join(", ", checks().keySet()));
      return Stream.empty();
    }
    start(chromium.get());
    return checks().entrySet().stream()
        .map(
            check ->
                dynamicTest(
                    check.getKey(),
                    () -> {
                      openDefault();
                      check.getValue().run();
                    }));
  }

  private static void start(Path chromium) throws IOException {
    SampleRuns.twelve(folder.resolve("runs"));
    page = write("page", folder.resolve("runs"));
    browser = Chromium.start(chromium);
  }

  private static String write(String name, Path runs) throws IOException {
    RunFinder finder =
        new RunFinder(
            List.of(runs),
            new RunReader(List.of("progress.csv"), List.of("variant.json", "params.json")));
    Path file = folder.resolve(name + ".html");
    Files.writeString(
        file,
        ReportPage.of(
            ReportJson.of(
                finder.find(), "made", false, each -> PictureFiles.inAddress(each.file()))));
    return file.toUri().toString();
  }

  @AfterAll
  static void stop() throws IOException {
    if (browser != null) {
      browser.close();
    }
  }

  private static void openDefault() {
    browser.size(1200, 900, false);
    browser.colorScheme("light");
    browser.open(page);
  }

  private static List<String> legend() {
    return browser.texts(FIRST_LEGEND + " button > span:nth-child(2)");
  }

  private static List<String> finals(int row) {
    return browser.texts("#finals tbody tr:nth-child(" + row + ") td");
  }

  private static String hash() {
    return browser.evaluate("decodeURIComponent(location.hash)").asText();
  }

  /** What the first chart's legend says with the pointer at this share of its width. */
  private static List<String> valuesAt(double share) {
    double[] over = plotArea();
    browser.mouse("mouseMoved", over[0] + share * over[2], over[1] + over[3] / 2, 0);
    browser.waitFor("document.querySelector('.legend .value').textContent !== ''");
    return browser.texts(FIRST_LEGEND + " .value");
  }

  /** Left, top, width and height of the first chart's area. */
  private static double[] plotArea() {
    JsonNode box =
        browser.evaluate(
            "(() => { scrollTo(0, 0); const b ="
                + " document.querySelector('.u-over').getBoundingClientRect();"
                + " return [b.left, b.top, b.width, b.height]; })()");
    return new double[] {
      box.get(0).asDouble(), box.get(1).asDouble(), box.get(2).asDouble(), box.get(3).asDouble()
    };
  }

  /** How many pixels of the first chart are of a color. */
  private static int pixels(String color) {
    return browser.evaluate(pixelScript(color, "0", "c.width") + ".length").asInt();
  }

  /** Mean row of the pixels of a color around a column, given as share of the area's width. */
  private static double row(String color, double share) {
    String left = "document.querySelector('.u-over').offsetLeft";
    String width = "document.querySelector('.u-over').offsetWidth";
    String column = "Math.round(" + left + " + " + share + " * " + width + ")";
    return browser
        .evaluate(
            "(() => { const rows = "
                + pixelScript(color, column, column + " + 1")
                + "; return rows.reduce((a, b) => a + b, 0) / rows.length; })()")
        .asDouble();
  }

  private static String pixelScript(String color, String from, String to) {
    int rgb = Integer.parseInt(color.substring(1), 16);
    return String.format(
        "(() => { const c = document.querySelector('.uplot canvas'); const from = %s; const n ="
            + " (%s) - from;"
            + " const copy = new OffscreenCanvas(n, c.height).getContext('2d',"
            + " {willReadFrequently: true});"
            + " copy.drawImage(c, -from, 0); const rows = [];"
            + " const d = copy.getImageData(0, 0, n, c.height).data;"
            + " for (let i = 0; i < d.length; i += 4)"
            + " if (Math.abs(d[i] - %d) < 12 && Math.abs(d[i + 1] - %d) < 12 && Math.abs(d[i + 2]"
            + " - %d) < 12 && d[i + 3] > 200)"
            + " rows.push(Math.floor(i / 4 / n)); return rows; })()",
        from, to, rgb >> 16, rgb >> 8 & 255, rgb & 255);
  }

  private static void assertSilent() {
    assertThat(browser.complaints()).isEmpty();
  }

  private void opensSilently() {
    assertThat(browser.text("#summary")).isEqualTo("12 runs, 4 series");
    assertThat(browser.requests())
        .allMatch(
            address ->
                address.equals(page)
                    || address.startsWith("data:")
                    || address.equals("about:blank"));
    assertSilent();
  }

  private void drawsSeries() {
    assertThat(legend()).containsExactlyElementsOf(SERIES);
    for (String color : LIGHT) {
      assertThat(pixels(color)).isGreaterThan(300);
    }
    // Linear: values 0.7, 1.7 and 10.7 at the end.
    double first = row(LIGHT[0], 0.97);
    double third = row(LIGHT[2], 0.97);
    double second = row(LIGHT[1], 0.97);
    assertThat((first - third) / (third - second)).isCloseTo(1 / 9.0, within(0.02));
    assertThat(browser.evaluate("document.querySelector('.legend button').title").asText())
        .isEqualTo("run-0a1\nrun-0a2\nrun-0a3");
  }

  private void drawsAgainstAnyColumn() {
    browser.set("#x", "epoch", "change");
    assertThat(valuesAt(0.999).get(0)).isEqualTo("0.7000 at 20");
    browser.set("#x", "row", "change");
    assertThat(valuesAt(0.999).get(0)).isEqualTo("0.7000 at 19");
    // Seeds differ in speed; only the slowest has come this far.
    browser.set("#x", "seconds", "change");
    assertThat(valuesAt(0.999).get(0)).isEqualTo("0.8000 at 90");
    browser.set("#x", "other", "change");
    assertThat(valuesAt(0.001).get(0)).isEqualTo("0.7000 at -20");
    assertSilent();
  }

  private void stacksColumns() {
    browser.set("#y select", "other", "change");
    assertThat(browser.texts(".chart-head h3")).containsExactly("loss", "other");
    assertThat(browser.count(".uplot canvas")).isEqualTo(2);
    browser.click("#y .chip button");
    assertThat(browser.texts(".chart-head h3")).containsExactly("other");
    assertThat(valuesAt(0.999).get(0)).isEqualTo("-20 at 200");
    assertSilent();
  }

  private void splits() {
    browser.set("#figures select", "alpha", "change");
    assertThat(browser.texts(".figure > h3"))
        .containsExactly("alpha=0 (6 runs)", "alpha=1 (6 runs)");
    assertThat(legend()).containsExactly(SERIES.get(0), SERIES.get(1));
    browser.click("#series .chip button");
    assertThat(legend()).containsExactly("net.beta=a (n = 3)", "net.beta=b (n = 3)");
    browser.click("#series .chip button");
    assertThat(legend()).containsExactly("all runs (n = 6)");
    browser.set("#series select", "seed", "change");
    assertThat(legend()).containsExactly("seed=1 (n = 2)", "seed=2 (n = 2)", "seed=3 (n = 2)");
    assertSilent();
  }

  private void logarithmicAxes() {
    browser.click("#logY");
    double first = row(LIGHT[0], 0.97);
    double third = row(LIGHT[2], 0.97);
    double second = row(LIGHT[1], 0.97);
    assertThat((first - third) / (third - second))
        .isCloseTo(Math.log(1.7 / 0.7) / Math.log(10.7 / 1.7), within(0.05));
    assertThat(valuesAt(0.51).get(0)).endsWith(" at 110");
    browser.click("#logX");
    // sqrt(10 * 200) = 44.7
    assertThat(valuesAt(0.5).get(0)).endsWith(" at 40");
    browser.click("#y .chip button");
    browser.set("#y select", "other", "change");
    browser.click("#y .chip button");
    assertThat(browser.text(".empty")).isEqualTo("These runs have no values to draw.");
    assertSilent();
  }

  private void bars() {
    browser.click("#bars");
    assertThat(browser.count("#charts .bar")).isEqualTo(4);
    assertThat(browser.count("#charts .whisker")).isEqualTo(4);
    assertThat(browser.text("#charts .bar title")).isEqualTo("alpha=0, net.beta=a: 0.7000, n = 3");
    JsonNode heights =
        browser.evaluate(
            "[...document.querySelectorAll('#charts .bar')].map((b) =>"
                + " Number(b.getAttribute('height')))");
    assertThat(heights.get(1).asDouble() / heights.get(0).asDouble())
        .isCloseTo(10.7 / 0.7, within(0.1));
    assertSilent();
  }

  private void centers() {
    assertThat(browser.text("#finals thead th")).isEqualTo("mean \u00b1 deviation");
    assertThat(finals(1)).startsWith("0.7000 \u00b1 0.1000", "10.70 \u00b1 0.10");
    assertThat(finals(2)).startsWith("0.5200 \u00b1 0.0100");
    browser.set("#center", "mean-se", "change");
    assertThat(finals(1)).startsWith("0.7000 \u00b1 0.0577");
    browser.set("#center", "median", "change");
    assertThat(finals(1)).startsWith("0.7000 [0.6500, 0.7500]");
    // Lowest loss and highest accuracy are the best ones.
    assertThat(browser.texts("#finals td.best"))
        .hasSize(2)
        .first()
        .isEqualTo("0.7000 [0.6500, 0.7500]");
    assertSilent();
  }

  private void traces() throws IOException {
    browser.click("#traces");
    svg().hasPolylines(16);
    browser.click("#traces");
    svg().hasPolylines(4);
  }

  private void smooths() throws IOException {
    browser.set("#smooth", "0.9", "input");
    double sum = 0;
    double mass = 0;
    for (int step = 10; step <= 200; step += 10) {
      sum = 0.9 * sum + 0.1 * SampleRuns.loss(0, false, 2, step);
      mass = 0.9 * mass + 0.1;
    }
    assertThat(Double.parseDouble(valuesAt(0.999).get(0).split(" ")[0]))
        .isCloseTo(sum / mass, within(1e-3));
    svg().hasPolylines(8);
    assertThat(browser.text("#smooth-text")).isEqualTo("0.90");
  }

  private void bestSoFar() {
    browser.click("#soFar");
    assertThat(valuesAt(0.999).get(0)).isEqualTo("0.7000 at 200");
    browser.set("#direction", "highest", "change");
    assertThat(valuesAt(0.999).get(0)).isEqualTo("10.20 at 200");
    browser.set("#direction", "lowest", "change");
    assertThat(valuesAt(0.999).get(0)).isEqualTo("0.7000 at 200");
  }

  private void best() {
    browser.set("#best", "run", "change");
    assertThat(legend()).first().isEqualTo("alpha=0, net.beta=a (run-0a1) (n = 1)");
    browser.set("#direction", "highest", "change");
    assertThat(legend()).first().isEqualTo("alpha=0, net.beta=a (run-0a3) (n = 1)");
    browser.set("#by", "best", "change");
    assertThat(finals(1)).first().isEqualTo("10.20 \u00b1 0.10");
    browser.set("#direction", "auto", "change");
    browser.set("#best", "setting", "change");
    browser.set("#bestOver", "alpha", "change");
    browser.click("#series .chip button");
    assertThat(legend())
        .containsExactly("net.beta=a (alpha=0) (n = 3)", "net.beta=b (alpha=0) (n = 3)");
    assertSilent();
  }

  private void filters() {
    browser.set("#filter-key", "net.beta", "change");
    browser.evaluate("document.getElementById('filter-value').value = 'b'");
    browser.click("#filter-add");
    assertThat(browser.text("#summary")).isEqualTo("6 of 12 runs, 2 series");
    assertThat(browser.texts("#filters .chip > span")).containsExactly("net.beta is b");
    browser.set("#filter-key", "seed", "change");
    browser.evaluate("document.getElementById('filter-kind').value = 'not'");
    browser.evaluate("document.getElementById('filter-value').value = '3'");
    browser.click("#filter-add");
    assertThat(browser.text("#summary")).isEqualTo("4 of 12 runs, 2 series");
    assertThat(browser.texts("#filters .chip > span"))
        .containsExactly("net.beta is b", "seed is not 3");
    browser.click("#filters .chip button");
    assertThat(browser.text("#summary")).isEqualTo("8 of 12 runs, 4 series");
    browser.click("#reset");
    assertThat(browser.text("#summary")).isEqualTo("12 runs, 4 series");
    assertThat(hash()).isEmpty();
    assertSilent();
  }

  private void dropsNaN() throws IOException {
    SampleRuns.awkward(folder.resolve("awkward"));
    browser.open(write("gaps", folder.resolve("awkward")));
    assertThat(browser.text("#summary")).startsWith("2 runs");
    browser.click("#dropNaN");
    assertThat(browser.text("#summary")).startsWith("1 of 2 runs");
    assertThat(browser.texts("#settings td:nth-child(2)"))
        .containsExactly("2 rows", "3 rows, has NaN, filtered out");
  }

  private void hidesRuns() {
    browser.click("#settings tbody tr:nth-child(2) input");
    assertThat(legend()).first().isEqualTo("alpha=0, net.beta=a (n = 2)");
    assertThat(browser.texts("#filters .chip > span")).containsExactly("without run-0a2");
    browser.click("#settings tbody tr:nth-child(2) input");
    assertThat(legend()).containsExactlyElementsOf(SERIES);
  }

  private void switchesSeries() {
    assertThat(pixels(LIGHT[1])).isPositive();
    browser.click(".legend li:nth-child(2) button");
    assertThat(pixels(LIGHT[1])).isZero();
    assertThat(pixels(LIGHT[0])).isPositive();
    assertThat(
            browser
                .evaluate("document.querySelector('.legend li:nth-child(2) button').ariaPressed")
                .asText())
        .isEqualTo("false");
    browser.click(".legend li:nth-child(2) button");
    assertThat(pixels(LIGHT[1])).isPositive();
  }

  private void hovers() {
    assertThat(valuesAt(0.001))
        .containsExactly("10.20 at 10", "20.20 at 10", "11.20 at 10", "21.20 at 10");
  }

  private void zooms() {
    double[] over = plotArea();
    double y = over[1] + over[3] / 2;
    int drawn = browser.evaluate("Number(document.documentElement.dataset.drawn)").asInt();
    browser.mouse("mouseMoved", over[0] + 0.5 * over[2], y, 0);
    browser.mouse("mousePressed", over[0] + 0.5 * over[2], y, 1);
    browser.mouse("mouseMoved", over[0] + 0.6 * over[2], y, 1);
    browser.mouse("mouseMoved", over[0] + 0.75 * over[2], y, 1);
    browser.mouse("mouseReleased", over[0] + 0.75 * over[2], y, 1);
    browser.waitFor("Number(document.documentElement.dataset.drawn) > " + drawn);
    assertThat(hash()).startsWith("#zoom=10");
    assertThat(valuesAt(0.999).get(0)).endsWith(" at 150");
    browser.click("#reset-zoom");
    assertThat(valuesAt(0.999).get(0)).endsWith(" at 200");
    browser.open(page + "#zoom=50 100");
    assertThat(valuesAt(0.001).get(0)).endsWith(" at 50");
    browser.act(
        "document.querySelector('.u-over').dispatchEvent(new MouseEvent('dblclick', {bubbles:"
            + " true}))");
    assertThat(valuesAt(0.999).get(0)).endsWith(" at 200");
    assertSilent();
  }

  private void marksDivergence() throws IOException {
    assertThat(browser.texts(".events li"))
        .containsExactly("run-1b3: step 100: loss was 5, limit 4");
    // A dashed line over the whole height, in the color of the run's series, at (100 - 10) / 190.
    int marks =
        browser
            .evaluate(
                pixelScript(
                        LIGHT[3],
                        "Math.round(document.querySelector('.u-over').offsetLeft + 90 / 190 *"
                            + " document.querySelector('.u-over').offsetWidth) - 1",
                        "Math.round(document.querySelector('.u-over').offsetLeft + 90 / 190 *"
                            + " document.querySelector('.u-over').offsetWidth) + 2")
                    + ".length")
            .asInt();
    assertThat(marks).isGreaterThan(80);
    assertThat(Files.readString(svg().file())).contains("step 100: loss was 5, limit 4");
    browser.click(".legend li:nth-child(4) button");
    assertThat(browser.count(".events li")).isZero();
  }

  private void pictures() {
    assertThat(browser.texts("#pictures h3")).containsExactly("reliability", "samples");
    assertThat(browser.texts("#pictures figcaption")).containsExactly("run-1b3", "run-0a1, 20");
    browser.set("#at", "5", "input");
    assertThat(browser.texts("#pictures figcaption")).containsExactly("run-1b3", "run-0a1, 1");
    browser.evaluate("document.querySelector('#pictures h3:nth-of-type(2) + div button').click()");
    assertThat(browser.evaluate("document.getElementById('viewer').open").asBoolean()).isTrue();
    browser.waitFor("document.getElementById('viewer-image').naturalWidth === 64");
    assertThat(browser.text("#viewer-text")).isEqualTo("samples: run-0a1, 1");
    browser.evaluate("document.querySelector('#viewer button').click()");
    assertThat(browser.evaluate("document.getElementById('viewer').open").asBoolean()).isFalse();
    assertSilent();
  }

  private void metrics() {
    assertThat(browser.texts("#finals tbody th")).containsExactly("loss", "test/accuracy");
    browser.set("#metrics", "accur", "input");
    assertThat(browser.texts("#finals tbody th")).containsExactly("test/accuracy");
    assertThat(hash()).isEqualTo("#metrics=accur");
  }

  /** A saved chart. */
  private record Svg(Path file) {
    void hasPolylines(int expected) throws IOException {
      assertThat(Files.readString(file).split("<polyline", -1)).hasSize(expected + 1);
    }
  }

  private static Svg svg() throws IOException {
    Path downloads = Files.createTempDirectory(folder, "downloads");
    browser.downloadTo(downloads);
    browser.evaluate("document.querySelector('.chart-head button:first-child').click()");
    return new Svg(browser.downloaded(downloads, file -> file.toString().endsWith(".svg")));
  }

  private void saves() throws IOException {
    Path downloads = Files.createTempDirectory(folder, "downloads");
    browser.downloadTo(downloads);
    browser.evaluate("document.querySelector('.chart-head button:nth-child(2)').click()");
    Path png = browser.downloaded(downloads, file -> file.toString().endsWith("loss.png"));
    BufferedImage image = ImageIO.read(png.toFile());
    assertThat(image.getWidth()).isEqualTo(1640);
    assertThat(image.getRGB(1, 1) & 0xffffff).isEqualTo(0xffffff);
    browser.evaluate("document.getElementById('finals-csv').click()");
    Path finals = browser.downloaded(downloads, file -> file.toString().endsWith("values.csv"));
    assertThat(Files.readAllLines(finals))
        .startsWith("series,metric,mean,deviation,n,runs")
        .anyMatch(line -> line.startsWith("\"alpha=0, net.beta=a\",loss,0.7"))
        .anyMatch(line -> line.endsWith(",3,run-0a1 run-0a2 run-0a3"));
    browser.evaluate("document.getElementById('settings-csv').click()");
    Path settings = browser.downloaded(downloads, file -> file.toString().endsWith("settings.csv"));
    assertThat(Files.readAllLines(settings)).startsWith("run,alpha,net.beta,seed", "run-0a1,0,a,1");
    assertSilent();
  }

  private void address() {
    browser.click("#logY");
    browser.set("#figures select", "alpha", "change");
    browser.click(".legend li:nth-child(2) button");
    String view = browser.evaluate("location.hash").asText();
    browser.open(page + view);
    assertThat(browser.evaluate("document.getElementById('logY').checked").asBoolean()).isTrue();
    assertThat(browser.texts(".figure > h3")).hasSize(2);
    assertThat(pixels(LIGHT[1])).isZero();
    browser.act("location.hash = '#bars=true'");
    assertThat(browser.count("#charts .bar")).isEqualTo(4);
    browser.open(page + "#smooth=9&only=nonsense&center=%3Cb%3E&zoom=a%20b&y=absent");
    assertThat(legend()).containsExactlyElementsOf(SERIES);
    assertSilent();
  }

  private void hostile() throws IOException {
    SampleRuns.awkward(folder.resolve("hostile"));
    browser.open(write("hostile", folder.resolve("hostile")));
    assertThat(browser.texts("#settings tbody th")).contains(SampleRuns.HOSTILE);
    assertThat(browser.texts("#settings thead th")).contains("<img src=x onerror=alert(2)>");
    browser.set("#y select", "<img src=x onerror=alert(2)>", "change");
    browser.click("#bars");
    assertThat(browser.count("main script, main img")).isZero();
    assertThat(browser.texts("#problems li"))
        .containsExactly("broken/progress.csv: row 2 has 3 cells, the header 2");
    assertSilent();
  }

  private void phone() {
    browser.size(390, 844, true);
    browser.colorScheme("dark");
    browser.open(page);
    assertThat(browser.evaluate("document.getElementById('controls').open").asBoolean()).isFalse();
    assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt()).isEqualTo(390);
    assertThat(browser.evaluate("getComputedStyle(document.body).backgroundColor").asText())
        .isEqualTo("rgb(19, 20, 22)");
    assertThat(pixels("#6ea8ff")).isGreaterThan(100);
    assertSilent();
  }

  private void computes() {
    // As numpy.quantile([1, 2, 4, 8], [0.25, 0.5]).
    assertThat(computed("Runs.quantile([1, 2, 4, 8], 0.25)")).isEqualTo("1.75");
    assertThat(computed("Runs.quantile([1, 2, 4, 8], 0.5)")).isEqualTo("3");
    assertThat(computed("Runs.statistics([1, 3], 'mean-sd')")).startsWith("{\"mid\":2,\"lo\":0.58");
    String curve = "{x: [0, 2, 4, 6], y: [1, null, 3, 5]}";
    assertThat(computed("[-1, 0, 1, 4, 5, 7].map((x) => String(Runs.valueAt(" + curve + ", x)))"))
        .isEqualTo("[\"undefined\",\"1\",\"null\",\"3\",\"4\",\"undefined\"]");
    assertThat(
            computed(
                "Runs.grid([{x: Array.from({length: 5000}, (_, i) => i), y: []}], false).length"))
        .isEqualTo("1001");
    assertThat(computed("Runs.csv([['=1+1', 'a,\"b\"', -2, 0.1 + 0.2]])"))
        .isEqualTo("\"'=1+1,\\\"a,\\\"\\\"b\\\"\\\"\\\",-2,0.3\\r\\n\"");
    assertThat(computed("Runs.ticks(0.13, 0.42, 5, false)")).isEqualTo("[0.2,0.3,0.4]");
    assertThat(computed("[0.97898, 12345.678, 3, 1e-7, NaN].map(Runs.format)"))
        .isEqualTo("[\"0.9790\",\"12345.7\",\"3\",\"1.000e-7\",\"\u2014\"]");
    String view = "{...Runs.VIEW, y: ['a&b'], only: [['k', '=\"']], zoom: [1, 2], logX: true}";
    assertThat(
            computed(
                "JSON.stringify(Runs.fromHash(Runs.toHash("
                    + view
                    + "))) === JSON.stringify("
                    + view
                    + ")"))
        .isEqualTo("true");
  }

  private static String computed(String expression) {
    return browser.evaluate("JSON.stringify(" + expression + ")").asText();
  }

  private void live() throws IOException {
    Path runs = Files.createDirectories(folder.resolve("live"));
    SampleRuns.run(runs.resolve("first"), "{\"alpha\": 1}", "steps,loss\n1,2\n2,1\n");
    RunFinder finder =
        new RunFinder(
            List.of(runs), new RunReader(List.of("progress.csv"), List.of("variant.json")));
    try (ReportServer server = ReportServer.start(finder, 0)) {
      browser.open(server.address());
      browser.waitFor("document.getElementById('summary').textContent === '1 run, 1 series'");
      SampleRuns.run(runs.resolve("second"), "{\"alpha\": 2}", "steps,loss\n1,2\n2,1\n");
      browser.waitFor("document.getElementById('summary').textContent === '2 runs, 2 series'");
      assertThat(browser.text("#live-text")).isEqualTo("live");
      assertSilent();
    }
    browser.waitFor("document.getElementById('live-text').textContent === 'no connection'");
  }
}
