package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;

class DatasetCatalogTest {

  @TempDir Path folder;

  private ImageSource open(String name, Split split) throws IOException {
    return DatasetCatalog.at(folder).open(name, split);
  }

  @Test
  void cifar10_joins_the_training_files_there_are_in_order() throws IOException {
    TestImages.records(folder.resolve("data_batch_4.bin"), 4);
    TestImages.records(folder.resolve("data_batch_1.bin"), 1, 1);
    TestImages.records(folder.resolve("data_batch_6.bin"), 6);
    ImageSource images = open("cifar10", Split.TRAIN);
    assertThat(Labels.of(images)).containsExactly(1, 1, 4);
    assertThat(images.name()).isEqualTo("cifar10/train");
  }

  @Test
  void cifar10_prefers_the_usual_test_file() throws IOException {
    TestImages.records(folder.resolve("test_batch_part.bin"), 2);
    assertThat(Labels.of(open("cifar10", Split.TEST))).containsExactly(2);
    TestImages.records(folder.resolve("test_batch.bin"), 1);
    assertThat(Labels.of(open("cifar10", Split.TEST))).containsExactly(1);
  }

  @Test
  void looks_into_the_folders_the_archives_unpack_to() throws IOException {
    Path unpacked = Files.createDirectories(folder.resolve("cifar-10-batches-bin"));
    TestImages.records(unpacked.resolve("data_batch_2.bin"), 7);
    assertThat(Labels.of(open("cifar10", Split.TRAIN))).containsExactly(7);
  }

  @ParameterizedTest
  @CsvSource({
    "train.bin, TRAIN",
    "cifar100_train_part.bin, TRAIN",
    "test.bin, TEST",
    "cifar100_test.bin, TEST"
  })
  void cifar100_has_fine_and_coarse_classes(String file, Split split) throws IOException {
    TestImages.recordsOf(folder.resolve(file), 2, 3, 42);
    assertThat(Labels.of(open("cifar100", split))).containsExactly(42);
    assertThat(Labels.of(open("cifar100-coarse", split))).containsExactly(3);
  }

  @Test
  void svhn_is_unlabeled() throws IOException {
    Files.write(folder.resolve("svhn_train_first.bin"), TestImages.randomBytes(2 * 3072, 1));
    assertThat(open("svhn", Split.TRAIN).size()).isEqualTo(2);
    assertThat(open("svhn", Split.TEST).size()).isEqualTo(2);
    Files.write(folder.resolve("svhn_test.bin"), TestImages.randomBytes(3072, 1));
    assertThat(open("svhn", Split.TEST).size()).isEqualTo(1);
    assertThat(open("svhn", Split.TEST).classCount()).isZero();
  }

  @Test
  void shapes_need_no_folder() throws IOException {
    ImageSource unseen = DatasetCatalog.builtIn().open("shapes-unseen", Split.TEST);
    assertThat(unseen.size()).isEqualTo(2000);
    ImageSource train = DatasetCatalog.builtIn().open("shapes", Split.TRAIN);
    assertThat(train.name()).isEqualTo("shapes/train");
    assertThat(train.size()).isEqualTo(4000);
    assertThat(DatasetCatalog.builtIn().open("shapes", Split.TEST).name()).isEqualTo("shapes/test");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DatasetCatalog.builtIn().open("shapes-unseen", Split.TRAIN))
        .withMessageContaining("nothing to train on");
  }

  @Test
  void a_missing_set_tells_what_is_expected_and_what_was_found() throws IOException {
    Files.createFile(folder.resolve("holiday.jpg"));
    assertThatThrownBy(() -> open("cifar10", Split.TRAIN))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("cifar10/train")
        .hasMessageContaining("data_batch_[1-5].bin")
        .hasMessageContaining("3,073 bytes")
        .hasMessageContaining("Found: holiday.jpg");
  }

  @Test
  void an_absent_folder_is_named() {
    assertThatThrownBy(
            () -> DatasetCatalog.at(folder.resolve("nowhere")).open("cifar100", Split.TEST))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("nowhere")
        .hasMessageContaining("no such folder");
  }

  @Test
  void refuses_unknown_names_and_missing_root() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open("imagenet", Split.TRAIN))
        .withMessageContaining("unknown data set 'imagenet'")
        .withMessageContaining("cifar10, cifar100, cifar100-coarse, svhn, celeba, mnist");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DatasetCatalog.builtIn().open("cifar10", Split.TEST))
        .withMessageContaining("cifar10 needs a folder");
  }

  @Test
  void opens_files_by_what_they_are() throws IOException {
    Path labeled = TestImages.records(folder.resolve("a.bin"), 5);
    assertThat(DatasetCatalog.open(labeled).label(0)).isEqualTo(5);
    Path fine = TestImages.recordsOf(folder.resolve("b.bin"), 2, 1, 77);
    assertThat(DatasetCatalog.open(fine).label(0)).isEqualTo(77);
    Path raw = Files.write(folder.resolve("c"), TestImages.randomBytes(3072, 3));
    assertThat(DatasetCatalog.open(raw).classCount()).isZero();
    Path image = folder.resolve("d.png");
    ImageIO.write(new BufferedImage(9, 9, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
    assertThat(DatasetCatalog.open(image).shape()).isEqualTo(ImageShape.CIFAR);
    ImageShape small = new ImageShape(1, 4, 4);
    assertThat(DatasetCatalog.open(folder, small).shape()).isEqualTo(small);
  }

  @Test
  void refuses_files_of_no_known_format() throws IOException {
    Path odd = Files.write(folder.resolve("odd.bin"), new byte[1000]);
    assertThatThrownBy(() -> DatasetCatalog.open(odd))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("odd.bin has 1,000 bytes, which fits none of the formats")
        .hasMessageContaining("3,072")
        .hasMessageContaining("3,073")
        .hasMessageContaining("3,074");
    assertThatThrownBy(() -> DatasetCatalog.open(folder.resolve("absent.npy")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("absent.npy");
  }

  /** Two of five files must not pass for all. */
  @Test
  void an_incomplete_set_is_warned_of_with_what_is_missing() throws IOException {
    TestImages.records(folder.resolve("data_batch_1.bin"), 1);
    TestImages.records(folder.resolve("data_batch_2.bin"), 2);
    Logger logger = (Logger) LoggerFactory.getLogger(DatasetFinder.class);
    ListAppender<ILoggingEvent> events = new ListAppender<>();
    events.start();
    logger.addAppender(events);
    try {
      open("cifar10", Split.TRAIN);
    } finally {
      logger.detachAppender(events);
    }
    assertThat(events.list).hasSize(1);
    assertThat(events.list.get(0).getLevel()).isEqualTo(Level.WARN);
    assertThat(events.list.get(0).getFormattedMessage())
        .isEqualTo(
            String.format(
                "cifar10/train: only 2 of 50,000 images, from [%s, %s]; missing: data_batch_3,"
                    + " data_batch_4, data_batch_5",
                folder.resolve("data_batch_1.bin"), folder.resolve("data_batch_2.bin")));
  }

  @Test
  void a_missing_set_tells_where_it_comes_from_and_offers_to_fetch_it() {
    assertThatThrownBy(() -> open("cifar100", Split.TEST))
        .hasMessageContaining("https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz")
        .hasMessageContaining("`udge download cifar100 --data_root " + folder + "` fetches them");
    assertThatThrownBy(() -> open("celeba", Split.TEST))
        .hasMessageContaining("https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html")
        .hasMessageContaining("belong in " + folder.resolve("celeba"));
    for (String name : DatasetCatalog.names()) {
      if (!DatasetCatalog.isBuiltIn(name)) {
        assertThatThrownBy(() -> open(name, Split.TRAIN))
            .isInstanceOf(NoSuchFileException.class)
            .hasMessageContaining("Expected")
            .hasMessageContaining("udge download");
      }
    }
  }

  @Test
  void mnists_files_are_not_taken_for_those_of_its_namesakes() throws IOException {
    Files.write(folder.resolve("train-images-idx3-ubyte"), FormatFiles.idx(new byte[4], 1, 2, 2));
    Files.write(folder.resolve("train-labels-idx1-ubyte"), FormatFiles.idx(new byte[1], 1));
    assertThat(open("mnist", Split.TRAIN).shape()).isEqualTo(DatasetCatalog.shapeOf("mnist"));
    assertThatThrownBy(() -> open("fashion-mnist", Split.TRAIN))
        .isInstanceOf(NoSuchFileException.class);
    Path fashion = Files.createDirectories(folder.resolve("FashionMNIST/raw"));
    Files.write(fashion.resolve("train-images-idx3-ubyte"), FormatFiles.idx(new byte[4], 1, 2, 2));
    Files.write(fashion.resolve("train-labels-idx1-ubyte"), FormatFiles.idx(new byte[1], 1));
    assertThat(open("fashion-mnist", Split.TRAIN).classNames()).contains("Sneaker");
    assertThat(DatasetCatalog.at(fashion).open("fashion-mnist", Split.TRAIN).size()).isOne();
  }

  @ParameterizedTest
  @CsvSource({
    "balanced, 47, 46, t",
    "byclass, 62, 61, z",
    "bymerge, 47, 36, a",
    "letters, 26, 0, a",
    "digits, 10, 9, 9"
  })
  void emnists_kinds_have_their_classes(String kind, int classes, int index, String name)
      throws IOException {
    byte first = (byte) (kind.equals("letters") ? 1 : 0);
    String prefix = "gzip/emnist-" + kind + "-test-";
    Files.createDirectories(folder.resolve("gzip"));
    Files.write(
        folder.resolve(prefix + "images-idx3-ubyte.gz"),
        FormatFiles.gzip(FormatFiles.idx(new byte[4], 1, 2, 2)));
    Files.write(
        folder.resolve(prefix + "labels-idx1-ubyte.gz"),
        FormatFiles.gzip(FormatFiles.idx(new byte[] {first}, 1)));
    ImageSource images = open("emnist-" + kind, Split.TEST);
    assertThat(images.classNames()).hasSize(classes);
    assertThat(images.classNames().get(index)).isEqualTo(name);
    assertThat(images.label(0)).isZero();
  }

  @Test
  void a_set_without_the_split_says_so() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open("cifar10", Split.EXTRA))
        .withMessage("cifar10 has no split 'extra'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open("mnist", Split.VALIDATION))
        .withMessage("mnist has no split 'validation'");
  }

  /** The CIFAR-10 page: 5,000 and 1,000 images a class; channel means are those known for CIFAR. */
  @Test
  @EnabledIfEnvironmentVariable(named = "UDGE_DATA", matches = ".+")
  void the_real_files_have_the_known_histograms_and_means() throws IOException {
    DatasetCatalog data = DatasetCatalog.at(Path.of(System.getenv("UDGE_DATA")));
    // Labels of data_batch_1 and data_batch_2, as counted from the published files.
    assertThat(histogram(data.open("cifar10", Split.TRAIN)))
        .containsExactly(1989, 1981, 2042, 2011, 2009, 1925, 2038, 2027, 2012, 1966);
    assertThat(histogram(data.open("cifar10", Split.TEST)))
        .containsExactly(1000, 1000, 1000, 1000, 1000, 1000, 1000, 999, 981, 1000);
    assertThat(histogram(data.open("cifar100", Split.TEST))).containsOnly(100).hasSize(100);
    assertThat(histogram(data.open("cifar100-coarse", Split.TEST))).containsOnly(500).hasSize(20);
    assertThat(means(data.open("cifar10", Split.TRAIN)))
        .usingComparatorWithPrecision(0.003)
        .containsExactly(0.4914, 0.4822, 0.4465);
    assertThat(means(data.open("cifar100", Split.TEST)))
        .usingComparatorWithPrecision(0.004)
        .containsExactly(0.5088, 0.4874, 0.4419);
    // 1,083 of 73,257 images: near the set's means of .4377, .4438, .4728.
    assertThat(means(data.open("svhn", Split.TEST)))
        .usingComparatorWithPrecision(0.03)
        .containsExactly(0.4377, 0.4438, 0.4728);
  }

  private static int[] histogram(ImageSource images) {
    int[] counts = new int[images.classCount()];
    for (int label : Labels.of(images)) {
      counts[label]++;
    }
    return counts;
  }

  /** Of each channel, on the scale from 0 to 1. */
  private static double[] means(ImageSource images) {
    double[] means = new double[3];
    for (int i = 0; i < images.size(); i++) {
      float[] pixels = TestImages.pixels(images, i);
      for (int k = 0; k < pixels.length; k++) {
        means[k / 1024] += (pixels[k] + 1) / 2 / 1024 / images.size();
      }
    }
    return means;
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "UDGE_DATA", matches = ".+")
  void finds_the_real_sets() throws IOException {
    DatasetCatalog data = DatasetCatalog.at(Path.of(System.getenv("UDGE_DATA")));
    assertThat(data.open("cifar10", Split.TRAIN).size()).isEqualTo(20_000);
    assertThat(data.open("cifar10", Split.TEST).size()).isEqualTo(9980);
    assertThat(data.open("cifar100", Split.TEST).size()).isEqualTo(10_000);
    assertThat(data.open("svhn", Split.TEST).size()).isEqualTo(1083);
  }
}
