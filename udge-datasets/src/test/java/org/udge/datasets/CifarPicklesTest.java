package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.udge.data.ImageSource;

class CifarPicklesTest {

  @TempDir Path folder;

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("data_batch_1"), bytes);
  }

  private static ImageSource read(RecordFormat format, Path... files) throws IOException {
    return CifarPickles.read("x", format, List.of(files));
  }

  private static void assertPixels(ImageSource images, int count) {
    assertThat(images.size()).isEqualTo(count);
    for (int i = 0; i < count; i++) {
      float[] pixels = TestImages.pixels(images, i);
      for (int k = 0; k < pixels.length; k += 101) {
        assertThat(Math.round((pixels[k] + 1) * 127.5)).isEqualTo(FormatFiles.pixel(i, k));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cifar10-protocol2.pickle",
        "cifar10-protocol4.pickle",
        "cifar10-protocol5.pickle"
      })
  void reads_what_numpy_pickles(String resource) throws IOException {
    ImageSource images = read(RecordFormat.CIFAR10, file(FormatFiles.resource(resource)));
    assertThat(Labels.of(images)).containsExactly(3, 9, 0);
    assertPixels(images, 3);
  }

  @Test
  void reads_keys_that_are_bytes_and_both_labels() throws IOException {
    Path file = file(FormatFiles.resource("cifar100-bytes.pickle"));
    assertThat(Labels.of(read(RecordFormat.CIFAR100, file))).containsExactly(99, 0, 42);
    assertThat(Labels.of(read(RecordFormat.CIFAR100_COARSE, file))).containsExactly(19, 0, 7);
    assertPixels(read(RecordFormat.CIFAR100, file), 3);
  }

  @Test
  void reads_the_published_files_of_python_2() throws IOException {
    byte[] pixels = TestImages.randomBytes(2 * 3072, 3);
    Path file =
        file(
            FormatFiles.python2Pickle(
                "labels", pixels, "numpy.core.multiarray\n_reconstruct", 6, 9));
    ImageSource images = read(RecordFormat.CIFAR10, file);
    assertThat(Labels.of(images)).containsExactly(6, 9);
    for (int k = 0; k < 3072; k++) {
      assertThat(Math.round((TestImages.pixels(images, 1)[k] + 1) * 127.5))
          .isEqualTo(pixels[3072 + k] & 0xff);
    }
  }

  @Test
  void reads_from_the_archive_in_the_order_asked_for() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    byte[] pixels = TestImages.randomBytes(3072, 3);
    String numpy = "numpy.core.multiarray\n_reconstruct";
    entries.put(
        "cifar-10-batches-py/data_batch_2", FormatFiles.python2Pickle("labels", pixels, numpy, 2));
    entries.put("cifar-10-batches-py/readme.html", new byte[10]);
    entries.put(
        "cifar-10-batches-py/data_batch_1", FormatFiles.python2Pickle("labels", pixels, numpy, 1));
    Path archive = FormatFiles.tarGz(folder.resolve("cifar-10-python.tar.gz"), entries);
    ImageSource images =
        CifarPickles.readArchive(
            "x", RecordFormat.CIFAR10, archive, List.of("data_batch_1", "data_batch_2"));
    assertThat(Labels.of(images)).containsExactly(1, 2);
    assertThat(Labels.of(DatasetCatalog.at(folder).open("cifar10", Split.TRAIN)))
        .containsExactly(1, 2);
  }

  @Test
  void runs_nothing_that_a_pickle_names() throws IOException {
    byte[] pickle = FormatFiles.python2Pickle("labels", new byte[3072], "os\nsystem", 1);
    assertThatThrownBy(() -> read(RecordFormat.CIFAR10, file(pickle)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("data_batch_1")
        .hasMessageContaining("it names os.system, which is not run");
  }

  @Test
  void refuses_arrays_whose_bytes_do_not_fit_their_shape() throws IOException {
    byte[] pickle =
        FormatFiles.python2Pickle(
            "labels", new byte[3000], "numpy.core.multiarray\n_reconstruct", 1);
    assertThatThrownBy(() -> read(RecordFormat.CIFAR10, file(pickle)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("shape [1, 3072] of UINT8 with 3000 bytes");
  }

  @Test
  void refuses_labels_out_of_range_and_the_other_set() throws IOException {
    String numpy = "numpy.core.multiarray\n_reconstruct";
    Path wrong = file(FormatFiles.python2Pickle("labels", new byte[3072], numpy, 10));
    assertThatThrownBy(() -> read(RecordFormat.CIFAR10, wrong))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("label 0 of 'labels' is 10, expected a number from 0 to 9");
    assertThatThrownBy(() -> read(RecordFormat.CIFAR100, wrong))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has no list 'fine_labels' of 1 labels");
  }

  @Test
  void refuses_what_is_cut_short() throws IOException {
    byte[] whole = FormatFiles.resource("cifar10-protocol2.pickle");
    for (int length = 0; length < whole.length; length += 97) {
      Path file = file(java.util.Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> read(RecordFormat.CIFAR10, file))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("data_batch_1");
    }
  }
}
