package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;

/** Zips, CelebA, Tiny-ImageNet, npz, and decoding once. */
class ImageCollectionsTest {

  private static final ImageShape SMALL = new ImageShape(3, 2, 2);

  @TempDir Path folder;

  private static Map<String, byte[]> entries(String... names) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    for (String name : names) {
      entries.put(name, FormatFiles.resource(name.contains("other") ? "bit.png" : "rgba.png"));
    }
    return entries;
  }

  private static int red(ImageSource images, int index) {
    return Math.round((TestImages.pixels(images, index)[0] + 1) * 127.5f);
  }

  @Test
  void a_zip_is_read_without_unpacking_it() throws IOException {
    Path zip =
        FormatFiles.zip(
            folder.resolve("pets.zip"),
            entries(
                "pets/dog/1.png",
                "pets/cat/other.png",
                "pets/cat/a.png",
                "__MACOSX/pets/cat/._a.png",
                "pets/.hidden/x.png"));
    ImageSource images = DatasetCatalog.open(zip, SMALL);
    assertThat(images.name()).isEqualTo("pets");
    assertThat(images.classNames()).containsExactly("cat", "dog");
    assertThat(Labels.of(images)).containsExactly(0, 0, 1);
    assertThat(red(images, 0)).isEqualTo(10);
    assertThat(red(images, 1)).isEqualTo(255);
    assertThat(((ImageFiles) images).file(1)).isEqualTo(zip + "!/pets/cat/other.png");
  }

  @Test
  void a_plain_zip_has_no_labels() throws IOException {
    Path zip = FormatFiles.zip(folder.resolve("a.zip"), entries("all/b.png", "all/a.png"));
    ImageSource images = ImageFiles.zip(zip, SMALL);
    assertThat(Labels.of(images)).containsOnly(Batch.UNLABELED).hasSize(2);
  }

  @Test
  void a_damaged_zip_is_named() throws IOException {
    Path zip = FormatFiles.zip(folder.resolve("a.zip"), entries("a.png"));
    byte[] whole = Files.readAllBytes(zip);
    Files.write(zip, java.util.Arrays.copyOf(whole, whole.length - 30));
    assertThatThrownBy(() -> ImageFiles.zip(zip, SMALL))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a.zip");
    assertThatThrownBy(() -> ImageFiles.zip(folder.resolve("absent.zip"), SMALL))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("absent.zip");
  }

  @Test
  void links_in_a_circle_are_refused() throws IOException {
    Path set = Files.createDirectories(folder.resolve("set/cat"));
    FormatFiles.copy("rgba.png", set.resolve("1.png"));
    Files.createSymbolicLink(set.resolve("again"), folder.resolve("set"));
    assertThatThrownBy(() -> ImageFiles.folder(folder.resolve("set"), SMALL))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("again is a link to a folder that it is in");
  }

  private void celeba(String lists) throws IOException {
    Path set = Files.createDirectories(folder.resolve("celeba"));
    FormatFiles.zip(
        set.resolve("img_align_celeba.zip"),
        entries("img_align_celeba/000001.png", "img_align_celeba/000002.other.png"));
    Files.writeString(set.resolve("list_attr_celeba.txt"), lists);
    Files.writeString(set.resolve("list_eval_partition.txt"), "000001.png 0\n000002.other.png 2\n");
  }

  @Test
  void celeba_takes_any_attribute_as_the_label_and_cuts_by_its_list() throws IOException {
    celeba("2\nMale Smiling\n000001.png  1 -1\n000002.other.png -1  1\n");
    DatasetCatalog catalog = DatasetCatalog.at(folder);
    ImageSource train = catalog.open("celeba", Split.TRAIN);
    assertThat(train.name()).isEqualTo("celeba/train");
    assertThat(train.shape()).isEqualTo(ImageShape.CIFAR);
    assertThat(train.classNames()).containsExactly("not Male", "Male");
    assertThat(Labels.of(train)).containsExactly(1);
    assertThat(red(train, 0)).isEqualTo(10);
    ImageSource test = catalog.open("celeba:smiling", Split.TEST);
    assertThat(Labels.of(test)).containsExactly(1);
    assertThat(red(test, 0)).isEqualTo(255);
    assertThat(catalog.open("celeba", Split.VALIDATION).size()).isZero();
  }

  @Test
  void celebas_lists_are_checked_line_by_line() throws IOException {
    celeba("2\nMale Smiling\n000001.png  1 -1\n000002.other.png -1  7\n");
    assertThatThrownBy(() -> DatasetCatalog.at(folder).open("celeba:Smiling", Split.TEST))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("list_attr_celeba.txt, line 4: Smiling is '7', expected 1 or -1");
    assertThatThrownBy(() -> DatasetCatalog.at(folder).open("celeba:Blond", Split.TEST))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has no attribute 'Blond': it has Male, Smiling");
    celeba("2\nMale Smiling\n000001.png  1\n");
    assertThatThrownBy(() -> DatasetCatalog.at(folder).open("celeba", Split.TEST))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line 3: it has 2 parts");
    celeba(",\n");
    assertThatThrownBy(() -> DatasetCatalog.at(folder).open("celeba:Male", Split.TEST))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has no attribute 'Male'");
    celeba("image_id,Male\n000001.png,1,\n");
    assertThatThrownBy(() -> DatasetCatalog.at(folder).open("celeba", Split.TEST))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line 2: it has 3 parts");
    celeba("2\nMale\n000001.png  1\n");
    assertThatThrownBy(() -> DatasetCatalog.at(folder).open("celeba", Split.TEST))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("000002.other.png, which")
        .hasMessageContaining("incomplete");
  }

  @Test
  void tiny_imagenet_is_read_from_its_zip_and_tested_with_its_validation_images()
      throws IOException {
    Map<String, byte[]> entries =
        entries(
            "tiny-imagenet-200/train/n02/images/n02_0.png",
            "tiny-imagenet-200/train/n01/images/n01_other.png",
            "tiny-imagenet-200/val/images/val_0.png",
            "tiny-imagenet-200/val/images/val_other.png");
    entries.put(
        "tiny-imagenet-200/val/val_annotations.txt",
        "val_0.png\tn02\t0\t0\t62\t57\nval_other.png\tn01\t52\t55\t57\t59\n".getBytes());
    FormatFiles.zip(folder.resolve("tiny-imagenet-200.zip"), entries);
    DatasetCatalog catalog = DatasetCatalog.at(folder);
    ImageSource train = catalog.open("tiny-imagenet", Split.TRAIN);
    assertThat(train.classNames()).containsExactly("n01", "n02");
    assertThat(Labels.of(train)).containsExactly(0, 1);
    assertThat(red(train, 0)).isEqualTo(255);
    ImageSource test = catalog.open("tiny-imagenet", Split.TEST, new ImageShape(3, 64, 64));
    assertThat(Labels.of(test)).containsExactly(1, 0);
    assertThat(test.classNames()).isEqualTo(train.classNames());
    assertThat(test.shape()).isEqualTo(new ImageShape(3, 64, 64));
  }

  @Test
  void npz_files_hold_images_and_labels_or_parts() throws IOException {
    Path gray = FormatFiles.copy("gray.npz", folder.resolve("gray.npz"));
    ImageSource images = DatasetCatalog.open(gray);
    assertThat(images.shape()).isEqualTo(new ImageShape(1, 32, 32));
    assertThat(Labels.of(images)).containsExactly(1, 0, 2);
    assertThat(red(images, 2)).isEqualTo(FormatFiles.pixel(2, 0));
    Path parts = FormatFiles.copy("parts.npz", folder.resolve("parts.npz"));
    ImageSource train = NpyImages.readPart(parts, Split.TRAIN).orElseThrow();
    assertThat(Labels.of(train)).containsExactly(3, 9, 0);
    assertThat(train.name()).isEqualTo("parts.npz/train");
    for (int k = 0; k < 3072; k++) {
      assertThat(Math.round((TestImages.pixels(train, 1)[k] + 1) * 127.5f))
          .isEqualTo(FormatFiles.pixel(1, k));
    }
    assertThat(NpyImages.readPart(parts, Split.TEST).orElseThrow().size()).isEqualTo(1);
    assertThat(NpyImages.readPart(gray, Split.TRAIN)).isEmpty();
  }

  @Test
  void folders_with_parts_are_found() throws IOException {
    FormatFiles.copy("rgba.png", folder.resolve("pets/train/cat/1.png"));
    FormatFiles.copy("bit.png", folder.resolve("pets/val/cat/1.png"));
    Path pets = folder.resolve("pets");
    assertThat(DatasetCatalog.openPart(pets, Split.TRAIN, SMALL).orElseThrow().name())
        .isEqualTo("pets/train");
    assertThat(red(DatasetCatalog.openPart(pets, Split.TEST, SMALL).orElseThrow(), 0))
        .isEqualTo(255);
    assertThat(DatasetCatalog.openPart(folder, Split.TEST, SMALL)).isEmpty();
  }

  @Test
  void decoding_once_gives_the_same_images_in_eight_bits() throws IOException {
    for (int i = 0; i < 30; i++) {
      FormatFiles.copy(
          i % 2 == 0 ? "rgba.png" : "lossy.webp",
          folder.resolve("set/c" + i % 3 + "/" + i + ".png"));
    }
    ImageFiles images = ImageFiles.folder(folder.resolve("set"), SMALL);
    ImageSource memory = DecodedImages.inMemory(images, 3);
    ImageSource disk = DecodedImages.cached(images, folder.resolve("cache"), 2);
    assertThat(Labels.of(memory)).isEqualTo(Labels.of(images)).isEqualTo(Labels.of(disk));
    assertThat(disk.classNames()).isEqualTo(images.classNames());
    for (int i = 0; i < images.size(); i++) {
      float[] exact = TestImages.pixels(images, i);
      float[] held = TestImages.pixels(memory, i);
      assertThat(TestImages.pixels(disk, i)).isEqualTo(held);
      for (int k = 0; k < exact.length; k++) {
        assertThat(Math.abs(exact[k] - held[k])).isLessThanOrEqualTo(1 / 255f + 1e-6f);
      }
    }
  }

  @Test
  void a_cache_is_found_again_until_an_image_changes() throws IOException {
    Path file = FormatFiles.copy("rgba.png", folder.resolve("set/a/1.png"));
    Path cache = folder.resolve("cache");
    DecodedImages.cached(ImageFiles.folder(folder.resolve("set"), SMALL), cache, 1);
    Path made = Files.list(cache).findFirst().orElseThrow();
    Files.write(made, new byte[12]); // what is in it is what is read
    assertThat(
            red(DecodedImages.cached(ImageFiles.folder(folder.resolve("set"), SMALL), cache, 1), 0))
        .isZero();
    FormatFiles.copy("bit.png", file);
    assertThat(
            red(DecodedImages.cached(ImageFiles.folder(folder.resolve("set"), SMALL), cache, 1), 0))
        .isEqualTo(255);
  }

  @Test
  void a_damaged_image_is_named_while_all_are_decoded() throws IOException {
    Files.createDirectories(folder.resolve("set"));
    Files.write(folder.resolve("set/bad.png"), new byte[] {1, 2, 3});
    ImageFiles images = ImageFiles.folder(folder.resolve("set"), SMALL);
    assertThatThrownBy(() -> DecodedImages.inMemory(images, 2))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("bad.png");
    assertThatThrownBy(() -> DecodedImages.cached(images, folder.resolve("cache"), 2))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("bad.png");
    assertThat(folder.resolve("cache")).isEmptyDirectory();
    Files.delete(folder.resolve("set/bad.png"));
    assertThatThrownBy(() -> TestImages.pixels(images, 0))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("bad.png");
  }

  @Test
  void images_of_another_shape_are_fitted() {
    ImageSource gray = TestImages.numbered(5);
    ImageSource color = ResizedImages.of(gray, ImageShape.CIFAR);
    assertThat(color.shape()).isEqualTo(ImageShape.CIFAR);
    assertThat(TestImages.pixels(color, 3)).containsOnly(TestImages.pixels(gray, 3)[0]);
    assertThat(Labels.of(color)).isEqualTo(Labels.of(gray));
    assertThat(ResizedImages.of(gray, gray.shape())).isSameAs(gray);
  }
}
