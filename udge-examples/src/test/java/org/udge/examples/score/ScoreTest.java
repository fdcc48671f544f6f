package org.udge.examples.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.Calibration;
import org.udge.EnergyModel;
import org.udge.Predictions;
import org.udge.data.Batch;
import org.udge.data.ImageSource;
import org.udge.datasets.ShapesDataset;
import org.udge.examples.CommandRun;
import org.udge.interop.ElementType;
import org.udge.interop.NpyFile;
import org.udge.interop.NpyWriter;
import org.udge.network.ConvNet;

class ScoreTest {

  private static final Path GOLDEN = Path.of("../udge-core/src/test/resources/golden");

  @TempDir private Path folder;
  private final ImageSource images = ShapesDataset.standard().test(5);
  private Path model;

  @BeforeEach
  void save_a_model() throws IOException {
    model = folder.resolve("model.zip");
    try (EnergyModel fresh =
        EnergyModel.builder(ConvNet.of(4).withHidden(8)).classNames(images.classNames()).build()) {
      fresh.withCalibration(Calibration.temperature(2, 10)).save(model);
    }
  }

  private INDArray pixels() {
    Batch batch = images.batches(5).iterator().next();
    return batch.images();
  }

  @Test
  void agrees_with_the_model() throws IOException {
    Path input = folder.resolve("images.npy");
    try (NpyWriter file = NpyWriter.create(input, ElementType.FLOAT32, 3, 32, 32)) {
      file.append(pixels().data().asFloat());
      file.commit();
    }
    Path output = folder.resolve("out.csv");
    Path logits = folder.resolve("logits.npy");
    CommandRun run =
        CommandRun.of(
            "score",
            "--load_path",
            model,
            "--input",
            input,
            "--output",
            output,
            "--logits",
            logits,
            "--score_fn",
            "py",
            "--threshold",
            0.5,
            "--batch_size",
            2);
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("5 images scored");

    List<String> lines = Files.readAllLines(output);
    assertThat(lines.get(0))
        .isEqualTo("image,class,class_name,probability,log_px,score_py,in_distribution");
    assertThat(lines).hasSize(6);
    try (EnergyModel loaded = EnergyModel.load(model)) {
      Predictions predictions = loaded.predict(pixels());
      double[] density = loaded.logDensity(pixels());
      float[] expectedLogits = loaded.logits(pixels()).toArray().data().asFloat();
      for (int i = 0; i < 5; i++) {
        String[] cells = lines.get(i + 1).split(",");
        assertThat(cells[0]).isEqualTo(Integer.toString(i));
        assertThat(cells[1]).isEqualTo(Integer.toString(predictions.label(i)));
        assertThat(cells[2]).isEqualTo(images.classNames().get(predictions.label(i)));
        assertThat(Double.parseDouble(cells[3])).isCloseTo(predictions.confidence(i), within(1e-6));
        assertThat(Double.parseDouble(cells[4])).isCloseTo(density[i], within(1e-5));
        boolean in = Double.parseDouble(cells[5]) >= 0.5;
        assertThat(cells[6]).isEqualTo(Boolean.toString(in));
      }
      assertThat(NpyFile.read(logits).toFloats()).containsExactly(expectedLogits, within(1e-5f));
    }
  }

  private Path images(int count) throws IOException {
    Path file = folder.resolve(count + ".npy");
    try (NpyWriter writer = NpyWriter.create(file, ElementType.FLOAT32, 3, 32, 32)) {
      for (int i = 0; i < count; i++) {
        writer.append(pixels().slice(i % 5).dup().data().asFloat());
      }
      writer.commit();
    }
    return file;
  }

  private CommandRun score(Path from, Path input, Path output, Path logits) {
    return CommandRun.of(
        "score",
        "--load_path",
        from,
        "--input",
        input,
        "--output",
        output,
        "--logits",
        logits,
        "--batch_size",
        1);
  }

  @Test
  void a_damaged_state_beside_a_sound_model_does_not_stop_it() throws IOException {
    Path run = Files.createDirectories(folder.resolve("run"));
    Files.copy(model, run.resolve("model.zip"));
    Files.writeString(run.resolve("last.state"), "cut short when the machine went down");
    CommandRun done =
        score(run, images(2), folder.resolve("table.csv"), folder.resolve("logits.npy"));
    assertThat(done.err()).isEmpty();
    assertThat(done.out()).contains("2 images scored");
    // What needs the state says what is wrong with it.
    CommandRun wanting =
        CommandRun.of(
            "score",
            "--load_path",
            run,
            "--input",
            images(2),
            "--output",
            folder.resolve("table.csv"),
            "--score_fn",
            "pxsim");
    assertThat(wanting.status()).isNotZero();
    assertThat(wanting.err()).contains("last.state").hasLineCount(1);
  }

  @Test
  void several_at_once_with_the_same_files_leave_those_of_one() throws Exception {
    Path output = folder.resolve("table.csv");
    Path logits = folder.resolve("logits.npy");
    List<Path> inputs = List.of(images(20), images(33), images(47));
    ExecutorService threads = Executors.newFixedThreadPool(inputs.size());
    try {
      List<Future<CommandRun>> runs = new ArrayList<>();
      for (Path input : inputs) {
        runs.add(threads.submit(() -> score(model, input, output, logits)));
      }
      for (Future<CommandRun> run : runs) {
        assertThat(run.get().err()).isEmpty();
      }
    } finally {
      threads.shutdown();
    }
    assertThat(Files.readAllLines(output).size() - 1).isIn(20, 33, 47);
    assertThat(NpyFile.read(logits).toFloats().length / images.classCount()).isIn(20, 33, 47);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.endsWith(".tmp"));
    }
  }

  @Test
  void says_how_far_it_is() throws IOException {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      CommandRun run =
          score(model, images(3), folder.resolve("t.csv"), folder.resolve("logits.npy"));
      assertThat(run.status()).isZero();
    } finally {
      System.setErr(before);
    }
    assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("score: ").contains("of 3");
  }

  @Test
  void reads_records_and_pictures_alike() throws IOException {
    byte[] records = new byte[5 * 3072];
    INDArray pixels = pixels();
    float[] values = pixels.data().asFloat();
    for (int i = 0; i < records.length; i++) {
      records[i] = (byte) Math.round((values[i] + 1) * 127.5);
    }
    Path raw = Files.write(folder.resolve("raw.bin"), records);
    Path pictures = Files.createDirectory(folder.resolve("pictures"));
    for (int i = 0; i < 5; i++) {
      BufferedImage picture = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
      for (int at = 0; at < 1024; at++) {
        int rgb = 0;
        for (int channel = 0; channel < 3; channel++) {
          rgb = rgb << 8 | (records[(i * 3 + channel) * 1024 + at] & 0xff);
        }
        picture.setRGB(at % 32, at / 32, rgb);
      }
      ImageIO.write(picture, "png", pictures.resolve("image " + i + ",x.png").toFile());
    }
    Path first = folder.resolve("records.jsonl");
    Path second = folder.resolve("pictures.jsonl");
    assertThat(
            CommandRun.of("score", "--load_path", model, "--input", raw, "--output", first).err())
        .isEmpty();
    assertThat(
            CommandRun.of("score", "--load_path", model, "--input", pictures, "--output", second)
                .err())
        .isEmpty();
    List<String> ofRecords = Files.readAllLines(first);
    List<String> ofPictures = Files.readAllLines(second);
    assertThat(ofRecords).hasSize(5);
    ObjectMapper mapper = new ObjectMapper();
    for (int i = 0; i < 5; i++) {
      JsonNode record = mapper.readTree(ofRecords.get(i));
      JsonNode picture = mapper.readTree(ofPictures.get(i));
      assertThat(picture.get("image").asText()).endsWith("image " + i + ",x.png");
      assertThat(record.get("image").asText()).isEqualTo(Integer.toString(i));
      assertThat(picture.get("class")).isEqualTo(record.get("class"));
      assertThat(picture.get("log_px").asDouble())
          .isCloseTo(record.get("log_px").asDouble(), within(1e-4));
    }
  }

  @Test
  void takes_checkpoints_of_the_published_program() throws IOException {
    Path output = folder.resolve("out.csv");
    Path logits = folder.resolve("logits.npy");
    CommandRun run =
        CommandRun.of(
            "score",
            "--load_path",
            GOLDEN.resolve("wrn_none.pt"),
            "--input",
            GOLDEN.resolve("x.npy"),
            "--output",
            output,
            "--logits",
            logits);
    assertThat(run.err()).isEmpty();
    assertThat(NpyFile.read(logits).toFloats())
        .containsExactly(NpyFile.read(GOLDEN.resolve("none_logits.npy")).toFloats(), within(1e-4f));
  }

  @Test
  void refuses_other_outputs() {
    CommandRun run =
        CommandRun.of("score", "--load_path", model, "--input", model, "--output", "table.txt");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("--output must end in .csv or .jsonl, was 'table.txt'");
  }

  @Test
  void refuses_unknown_scores() throws IOException {
    Path raw = Files.write(folder.resolve("raw.bin"), new byte[3072]);
    CommandRun run =
        CommandRun.of(
            "score",
            "--load_path",
            model,
            "--input",
            raw,
            "--output",
            folder.resolve("x.csv"),
            "--score_fn",
            "magic");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("--score_fn must be one of px, py", "was 'magic'");
  }

  @Test
  void refuses_a_score_whose_queue_is_missing() throws IOException {
    Path raw = Files.write(folder.resolve("raw.bin"), new byte[3072]);
    CommandRun run =
        CommandRun.of(
            "score",
            "--load_path",
            model,
            "--input",
            raw,
            "--output",
            folder.resolve("x.csv"),
            "--score_fn",
            "pxsim");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("--score_fn pxsim needs the queue");
  }

  @Test
  void refuses_a_score_with_nothing_to_fit_on() throws IOException {
    Path raw = Files.write(folder.resolve("raw.bin"), new byte[3072]);
    CommandRun run =
        CommandRun.of(
            "score",
            "--load_path",
            model,
            "--input",
            raw,
            "--output",
            folder.resolve("x.csv"),
            "--score_fn",
            "mahalanobis");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .contains("--score_fn mahalanobis needs images like those", "--fit_dataset a name")
        .hasLineCount(1);
  }

  @Test
  void refuses_several_models() {
    CommandRun run =
        CommandRun.of("score", "--load_path", "a,b", "--input", "x.npy", "--output", "x.csv");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("this command accepts one model, --load_path names 2: [a, b]");
  }

  @Test
  void refuses_images_of_another_shape() throws IOException {
    Path input = folder.resolve("small.npy");
    try (NpyWriter file = NpyWriter.create(input, ElementType.FLOAT32, 3, 16, 16)) {
      file.append(new float[3 * 16 * 16]);
      file.commit();
    }
    CommandRun run =
        CommandRun.of(
            "score", "--load_path", model, "--input", input, "--output", folder.resolve("x.csv"));
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("small.npy holds images of 3x16x16, the model expects 3x32x32");
    assertThat(folder.resolve("x.csv")).doesNotExist();
  }

  @Test
  void refuses_bytes_stored_as_numbers() throws IOException {
    Path input = folder.resolve("bytes.npy");
    try (NpyWriter file = NpyWriter.create(input, ElementType.FLOAT32, 3, 32, 32)) {
      float[] image = new float[3072];
      image[7] = 200;
      file.append(image);
      file.commit();
    }
    CommandRun run =
        CommandRun.of(
            "score", "--load_path", model, "--input", input, "--output", folder.resolve("x.csv"));
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("bytes.npy: image 0 has a value of 200.0, expected pixels");
  }

  @Test
  void refuses_missing_files() {
    CommandRun noModel =
        CommandRun.of("score", "--load_path", "no.zip", "--input", "x.npy", "--output", "x.csv");
    assertThat(noModel.status()).isEqualTo(1);
    assertThat(noModel.err()).contains("no.zip");
    CommandRun noInput =
        CommandRun.of("score", "--load_path", model, "--input", "no.npy", "--output", "x.csv");
    assertThat(noInput.status()).isEqualTo(1);
    assertThat(noInput.err()).contains("no.npy");
  }
}
