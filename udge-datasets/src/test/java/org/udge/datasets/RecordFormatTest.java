package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;

class RecordFormatTest {

  @TempDir Path folder;

  @Test
  void reads_cifar10_labels_and_pixels() throws IOException {
    Path file = TestImages.records(folder.resolve("a.bin"), 3, 0, 9);
    ImageSource images = RecordFormat.CIFAR10.read(file);
    assertThat(images.size()).isEqualTo(3);
    assertThat(images.shape()).isEqualTo(ImageShape.CIFAR);
    assertThat(Labels.of(images)).containsExactly(3, 0, 9);
    assertThat(images.classNames()).hasSize(10).startsWith("airplane").endsWith("truck");
    byte[] bytes = Files.readAllBytes(file);
    float[] target = new float[3074];
    assertThat(images.read(2, target, 2)).isEqualTo(9);
    for (int i = 0; i < 3072; i++) {
      assertThat(target[2 + i]).isEqualTo((float) ((bytes[2 * 3073 + 1 + i] & 0xff) / 127.5 - 1));
    }
  }

  @Test
  void black_is_minus_one_and_white_is_one() throws IOException {
    byte[] bytes = new byte[3072];
    Arrays.fill(bytes, 1536, 3072, (byte) 255);
    ImageSource images = RecordFormat.UNLABELED.read(Files.write(folder.resolve("a"), bytes));
    assertThat(TestImages.pixels(images, 0)).contains(-1, 1).containsOnly(-1, 1);
  }

  @Test
  void reads_fine_or_coarse_cifar100_labels() throws IOException {
    Path file = TestImages.recordsOf(folder.resolve("a.bin"), 2, 19, 99, 0, 1);
    ImageSource fine = RecordFormat.CIFAR100.read(file);
    ImageSource coarse = RecordFormat.CIFAR100_COARSE.read(file);
    assertThat(Labels.of(fine)).containsExactly(99, 1);
    assertThat(Labels.of(coarse)).containsExactly(19, 0);
    assertThat(TestImages.pixels(fine, 1)).isEqualTo(TestImages.pixels(coarse, 1));
  }

  @Test
  void class_names_are_those_of_the_data_sets() {
    assertThat(RecordFormat.CIFAR100.classNames()).hasSize(100).isSorted().doesNotHaveDuplicates();
    assertThat(RecordFormat.CIFAR100.classNames().get(19)).isEqualTo("cattle");
    assertThat(RecordFormat.CIFAR100_COARSE.classNames()).hasSize(20).isSorted();
    assertThat(RecordFormat.CIFAR100_COARSE.classNames().get(11))
        .isEqualTo("large_omnivores_and_herbivores");
  }

  @Test
  void records_without_labels_have_none() throws IOException {
    Path file = Files.write(folder.resolve("a.bin"), TestImages.randomBytes(2 * 3072, 1));
    ImageSource images = RecordFormat.UNLABELED.read(file);
    assertThat(images.size()).isEqualTo(2);
    assertThat(images.classNames()).isEmpty();
    assertThat(images.label(1)).isEqualTo(Batch.UNLABELED);
  }

  @Test
  void joins_files_in_order() throws IOException {
    List<Path> files =
        List.of(
            TestImages.records(folder.resolve("a.bin"), 1, 2),
            TestImages.records(folder.resolve("b.bin"), 3));
    ImageSource images = RecordFormat.CIFAR10.read("both", files);
    assertThat(Labels.of(images)).containsExactly(1, 2, 3);
    assertThat(images.name()).isEqualTo("both");
    assertThat(TestImages.pixels(images, 2))
        .isEqualTo(TestImages.pixels(RecordFormat.CIFAR10.read(files.get(1)), 0));
  }

  @ParameterizedTest
  @EnumSource
  void refuses_truncated_file_naming_file_size_and_record(RecordFormat format) throws IOException {
    int size = 3 * format.recordSize() - 1;
    Path file = Files.write(folder.resolve("short.bin"), new byte[size]);
    assertThatThrownBy(() -> format.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("short.bin")
        .hasMessageContaining(String.format("%,d bytes", size))
        .hasMessageContaining(String.format("records of %,d bytes", format.recordSize()))
        .hasMessageContaining(String.format("%,d", 3 * format.recordSize()));
  }

  @Test
  void refuses_empty_file() throws IOException {
    Path file = Files.createFile(folder.resolve("empty.bin"));
    assertThatThrownBy(() -> RecordFormat.CIFAR10.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("empty.bin is empty")
        .hasMessageContaining("3,073");
  }

  @Test
  void refuses_absent_file() {
    assertThatThrownBy(() -> RecordFormat.CIFAR10.read(folder.resolve("absent.bin")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("absent.bin")
        .hasMessageContaining("3,073");
  }

  @Test
  void refuses_label_out_of_range_naming_the_record() throws IOException {
    Path file = TestImages.records(folder.resolve("odd.bin"), 1, 10);
    assertThatThrownBy(() -> RecordFormat.CIFAR10.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("odd.bin: record 1 (byte 3,073) has label 10")
        .hasMessageContaining("0 to 9");
  }

  @Test
  void refuses_no_files() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecordFormat.CIFAR10.read("none", List.of()))
        .withMessageContaining("at least one");
  }

  @Test
  void refuses_index_out_of_range() throws IOException {
    ImageSource images = RecordFormat.CIFAR10.read(TestImages.records(folder.resolve("a"), 1));
    assertThatThrownBy(() -> images.label(1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> images.read(-1, new float[3072], 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "UDGE_DATA", matches = ".+")
  void reads_the_real_files() throws IOException {
    Path data = Path.of(System.getenv("UDGE_DATA"));
    ImageSource test = RecordFormat.CIFAR10.read(data.resolve("test_batch_9980.bin"));
    assertThat(test.size()).isEqualTo(9980);
    int[] perClass = new int[10];
    for (int label : Labels.of(test)) {
      perClass[label]++;
    }
    assertThat(perClass).containsExactly(1000, 1000, 1000, 1000, 1000, 1000, 1000, 999, 981, 1000);
    ImageSource cifar100 = RecordFormat.CIFAR100.read(data.resolve("cifar100_test.bin"));
    assertThat(cifar100.size()).isEqualTo(10_000);
    assertThat(new HashSet<>(Arrays.stream(Labels.of(cifar100)).boxed().toList())).hasSize(100);
    assertThat(RecordFormat.UNLABELED.read(data.resolve("svhn_train_first1083.bin")).size())
        .isEqualTo(1083);
  }
}
