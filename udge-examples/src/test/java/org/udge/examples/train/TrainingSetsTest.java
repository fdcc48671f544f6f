package org.udge.examples.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.datasets.DatasetCatalog;
import org.udge.datasets.PublishedSplit;
import org.udge.datasets.Splits;
import org.udge.examples.CommandRun;
import org.udge.examples.SmallDatasets;
import org.udge.examples.models.DataOptions;
import org.udge.examples.models.ImageSets;
import org.udge.examples.models.TrainingImages;
import org.udge.examples.models.TrainingSets;
import org.udge.random.RandomStreams;
import picocli.CommandLine;

/** Every set, by name, in what trains and what judges. */
class TrainingSetsTest {

  @TempDir static Path root;
  @TempDir Path folder;

  @BeforeAll
  static void write() throws IOException {
    SmallDatasets.write(root);
    SmallDatasets.ownImages(root.resolve("pets"));
  }

  private static DataOptions options(String dataset) {
    DataOptions options = new DataOptions();
    options.dataset = dataset;
    options.root = root;
    return options;
  }

  private static TrainingSets open(DataOptions options) throws IOException {
    return TrainingSets.open(
        options, OptionalInt.empty(), RandomStreams.of(1), new CommandLine(new Train()));
  }

  static Stream<String> names() {
    return DatasetCatalog.names().stream().filter(name -> !name.equals("shapes-unseen"));
  }

  @ParameterizedTest
  @MethodSource("names")
  void every_set_can_be_trained_on(String name) throws IOException {
    TrainingSets sets = open(options(name));
    assertThat(sets.train().name()).startsWith(name);
    assertThat(sets.train().size()).isGreaterThanOrEqualTo(SmallDatasets.IMAGES);
    assertThat(sets.test().size()).isGreaterThanOrEqualTo(SmallDatasets.IMAGES);
    assertThat(sets.test().classNames()).isEqualTo(sets.train().classNames()).isNotEmpty();
    assertThat(sets.train().shape()).isEqualTo(DatasetCatalog.shapeOf(name));
  }

  private static ImageSource judged(String name) throws IOException {
    ImageSets sets =
        new ImageSets(
            Optional.of(root), ImageShape.CIFAR, RandomStreams.of(1), new CommandLine(new Train()));
    return sets.open("--dataset", name, null);
  }

  @ParameterizedTest
  @MethodSource("org.udge.datasets.DatasetCatalog#names")
  void every_set_can_be_judged_by_a_model_of_color_images(String name) throws IOException {
    ImageSource images = judged(name);
    assertThat(images.shape()).isEqualTo(ImageShape.CIFAR);
    assertThat(images.name()).startsWith(name.replace("-unseen", "/unseen"));
  }

  /** What the published programs' README and flags name. */
  @ParameterizedTest
  @CsvSource({
    "cifar_train, cifar10/train",
    "cifar_test, cifar10/test",
    "cifar10, cifar10/test",
    "cifar100, cifar100/test",
    "cifar_100, cifar100/test",
    "cifar100test, cifar100/test",
    "cifar100_test, cifar100/test",
    "svhn, svhn/test",
    "svhn_test, svhn/test",
    "svhn_train, svhn/train",
    "celeba, celeba/test",
    "cifar_interp, cifar10/test/interpolated",
    "cifarinterp, cifar10/test/interpolated",
    "cifar10interp, cifar10/test/interpolated",
    "uniform, uniform-noise",
    "constant, constant",
    "noise, uniform-noise"
  })
  void the_published_names_are_understood(String name, String set) throws IOException {
    assertThat(judged(name).name()).isEqualTo(set);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"cifar_test+fog:2", "svhn+jpeg_compression", "mnist+patches", "shapes+pixels"})
  void changed_sets_are_made_from_any(String name) throws IOException {
    ImageSource images = judged(name);
    float[] pixels = new float[3072];
    images.read(1, pixels, 0);
    assertThat(images.size()).isGreaterThanOrEqualTo(SmallDatasets.IMAGES);
    assertThat(pixels[5]).isBetween(-1f, 1f);
  }

  @Test
  void own_images_are_cut_by_their_folders_or_by_chance() throws IOException {
    TrainingSets parts = open(options(root.resolve("pets").toString()));
    assertThat(parts.train().name()).isEqualTo("pets/train");
    assertThat(parts.train().classNames()).containsExactly("cat", "dog");
    assertThat(parts.test().size()).isEqualTo(SmallDatasets.IMAGES);
    TrainingSets cut = open(options(root.resolve("pets/train").toString()));
    assertThat(cut.train().size()).isEqualTo(SmallDatasets.IMAGES * 4 / 5);
    assertThat(cut.test().size()).isEqualTo(SmallDatasets.IMAGES / 5);
    assertThat(cut.test().name()).isEqualTo("train/test");
  }

  @Test
  void image_files_are_decoded_into_the_cache_in_the_size_asked_for() throws IOException {
    DataOptions options = options(root.resolve("pets").toString());
    options.cache = folder.resolve("cache");
    options.imageSize = 16;
    TrainingSets sets = open(options);
    assertThat(sets.train().shape()).isEqualTo(new ImageShape(3, 16, 16));
    assertThat(folder.resolve("cache")).isNotEmptyDirectory();
    float[] first = new float[768];
    float[] again = new float[768];
    sets.train().read(3, first, 0);
    open(options).train().read(3, again, 0);
    assertThat(again).isEqualTo(first);
  }

  @Test
  void the_published_split_is_the_same_for_every_seed() throws IOException {
    DataOptions options = options("mnist");
    options.validationCount = 4;
    options.labelsPerClass = 1;
    TrainingImages one =
        TrainingImages.open(options, true, RandomStreams.of(1), new CommandLine(new Train()));
    TrainingImages other =
        TrainingImages.open(options, true, RandomStreams.of(2), new CommandLine(new Train()));
    assertThat(one.hashes()).isEqualTo(other.hashes());
    assertThat(one.hashes().get("validation"))
        .contains(
            "indices sha256 "
                + Splits.indexHash(PublishedSplit.of(open(options).train(), 4).validation()));
    TrainingImages drawn =
        TrainingImages.open(options, false, RandomStreams.of(1), new CommandLine(new Train()));
    assertThat(drawn.hashes().get("train")).isNotEqualTo(one.hashes().get("train"));
    assertThat(
            TrainingImages.open(options, false, RandomStreams.of(1), new CommandLine(new Train()))
                .hashes())
        .isEqualTo(drawn.hashes());
  }

  @Test
  void own_images_train_a_model_that_scores_and_is_judged() throws IOException {
    Path runs = folder.resolve("runs");
    Path pets = root.resolve("pets");
    CommandRun train =
        CommandRun.of(
            "train",
            "--dataset",
            pets,
            "--pyxce",
            1,
            "--n_valid",
            4,
            "--batch_size",
            8,
            "--depth",
            10,
            "--width",
            1,
            "--n_epochs",
            1,
            "--warmup_iters",
            0,
            "--image_size",
            16,
            "--log_dir",
            runs);
    assertThat(train.err()).isEmpty();
    assertThat(train.status()).isZero();
    Path run;
    try (Stream<Path> folders = Files.list(runs)) {
      run = folders.findFirst().orElseThrow();
    }
    Path csv = folder.resolve("scores.csv");
    CommandRun score =
        CommandRun.of(
            "score", "--load_path", run, "--input", pets.resolve("test/cat"), "--output", csv);
    assertThat(score.status()).as(score.err()).isZero();
    assertThat(Files.readAllLines(csv)).hasSize(1 + SmallDatasets.IMAGES / 2);
    Path named = folder.resolve("mnist.csv");
    CommandRun byName =
        CommandRun.of(
            "score",
            "--load_path",
            run,
            "--input",
            "mnist_test",
            "--data_root",
            root,
            "--output",
            named);
    assertThat(byName.status()).as(byName.err()).isZero();
    assertThat(Files.readAllLines(named)).hasSize(1 + SmallDatasets.IMAGES);
    CommandRun eval =
        CommandRun.of(
            "eval",
            "--load_path",
            run,
            "--eval",
            "test_clf",
            "--dataset",
            pets,
            "--log_dir",
            folder.resolve("judged"));
    assertThat(eval.status()).as(eval.err()).isZero();
    assertThat(eval.out()).contains("accuracy");
  }
}
