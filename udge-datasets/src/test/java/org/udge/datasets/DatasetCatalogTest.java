package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
  void svhn_is_unlabelled() throws IOException {
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
        .isThrownBy(() -> open("mnist", Split.TRAIN))
        .withMessageContaining("unknown data set 'mnist'")
        .withMessageContaining("cifar10, cifar100, cifar100-coarse, svhn, shapes, shapes-unseen");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DatasetCatalog.builtIn().open("cifar10", Split.TEST))
        .withMessageContaining("cifar10 needs a folder");
  }

  @Test
  void opens_files_by_what_they_are() throws IOException {
    Path labelled = TestImages.records(folder.resolve("a.bin"), 5);
    assertThat(DatasetCatalog.open(labelled).label(0)).isEqualTo(5);
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
