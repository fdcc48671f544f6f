package org.udge.datasets.formats;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.datasets.CifarPickles;
import org.udge.datasets.FormatFiles;
import org.udge.datasets.IdxImages;
import org.udge.datasets.ImageFiles;
import org.udge.datasets.NpyImages;
import org.udge.datasets.RecordFormat;
import org.udge.datasets.SvhnImages;
import org.udge.fuzz.Fuzz;
import org.udge.fuzz.Mutators;
import org.udge.random.RandomStream;

/** Damaged and hostile files of every format that this module reads. */
class FormatsFuzzTest {

  private static final ImageShape SHAPE = new ImageShape(3, 8, 8);

  @TempDir private Path folder;

  private static void readAll(ImageSource images) throws IOException {
    float[] pixels = new float[images.shape().size()];
    try {
      for (int i = 0; i < Math.min(20, images.size()); i++) {
        images.read(i, pixels, 0);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void images(String format, String... resources) throws IOException {
    Fuzz fuzz =
        Fuzz.of(
            format,
            file ->
                ImageDecoder.ofDefaults()
                    .decode(Files.readAllBytes(file), "mutant", SHAPE, new float[192], 0));
    List<byte[]> seeds = List.of(resources).stream().map(FormatFiles::resource).toList();
    seeds.forEach(fuzz::seed);
    fuzz.mutator(Mutators::bytes).mutator(Mutators.join(seeds)).run(folder);
  }

  @Test
  void png() throws IOException {
    images("png", "gray16.png", "gray-alpha.png", "rgba.png", "bit.png", "palette.png");
  }

  @Test
  void jpeg() throws IOException {
    images("jpeg", "gray8.jpg", "cmyk.jpg");
  }

  @Test
  void gif() throws IOException {
    images("gif", "plain.gif");
  }

  @Test
  void bmp() throws IOException {
    images("bmp", "plain.bmp");
  }

  @Test
  void webp() throws IOException {
    images("webp", "lossless.webp", "lossy.webp");
  }

  @Test
  void pickles_of_cifar() throws IOException {
    byte[] pixels = new byte[3072];
    Fuzz.of(
            "cifar-pickle",
            file -> readAll(CifarPickles.read("x", RecordFormat.CIFAR10, List.of(file))))
        .seed(FormatFiles.python2Pickle("labels", pixels, "numpy.core.multiarray\n_reconstruct", 6))
        .seed(FormatFiles.resource("cifar10-protocol4.pickle"))
        .mutator(Mutators::bytes)
        .mutator(Mutators::pickle)
        .mutator(FormatsFuzzTest::beginning)
        .run(folder);
  }

  /** Most of a pickle is pixels, which may be anything: what matters is before and after them. */
  private static byte[] beginning(byte[] seed, RandomStream random) {
    byte[] mutant = seed.clone();
    if (mutant.length > 0) {
      int reach = Math.min(300, mutant.length);
      int at = random.nextInt(reach);
      mutant[random.nextBoolean() ? at : mutant.length - 1 - at] = (byte) random.nextInt(256);
    }
    return mutant;
  }

  @Test
  void archives_of_pickles() throws IOException {
    Path tar =
        FormatFiles.tarGz(
            folder.resolve("seed.tar.gz"),
            Map.of("cifar/test_batch", FormatFiles.resource("cifar10-protocol4.pickle")));
    byte[] packed = Files.readAllBytes(tar);
    byte[] plain = new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes();
    Fuzz.of(
            "tar",
            file ->
                readAll(
                    CifarPickles.readArchive(
                        "x", RecordFormat.CIFAR10, file, List.of("test_batch"))))
        .seed(packed)
        .seed(plain)
        .mutator(Mutators::bytes)
        .mutator(FormatsFuzzTest::beginning)
        .run(folder);
  }

  @Test
  void svhn() throws IOException {
    Fuzz.of("mat", file -> readAll(SvhnImages.read("x", file)))
        .seed(FormatFiles.resource("svhn.mat"))
        .mutator(Mutators::bytes)
        .mutator(FormatsFuzzTest::insideOfVariables)
        .run(folder);
  }

  /** Changes what a compressed variable says, and compresses it again. */
  private static byte[] insideOfVariables(byte[] seed, RandomStream random) {
    int header = 128;
    if (seed.length < header + 8) {
      return seed;
    }
    try {
      int length =
          (seed[header + 4] & 0xff)
              | (seed[header + 5] & 0xff) << 8
              | (seed[header + 6] & 0xff) << 16;
      int end = Math.min(seed.length, header + 8 + length);
      byte[] variable =
          new InflaterInputStream(new ByteArrayInputStream(seed, header + 8, end - header - 8))
              .readNBytes(1 << 16);
      variable[random.nextInt(Math.min(variable.length, 72))] = (byte) random.nextInt(256);
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
        out.write(variable);
      }
      ByteArrayOutputStream mutant = new ByteArrayOutputStream();
      mutant.write(seed, 0, header + 4);
      for (int i = 0; i < 4; i++) {
        mutant.write(packed.size() >> 8 * i);
      }
      packed.writeTo(mutant);
      mutant.write(seed, end, seed.length - end);
      return mutant.toByteArray();
    } catch (IOException e) {
      return seed;
    }
  }

  @Test
  void idx() throws IOException {
    Path labels = Files.write(folder.resolve("labels"), FormatFiles.idx(new byte[] {1, 0, 1}, 3));
    byte[] plain = FormatFiles.idx(new byte[3 * 16], 3, 4, 4);
    Fuzz.of("idx", file -> readAll(IdxImages.read("x", file, labels, List.of("a", "b"))))
        .seed(plain)
        .seed(FormatFiles.gzip(plain))
        .mutator(Mutators::bytes)
        .run(folder);
  }

  @Test
  void npz() throws IOException {
    Fuzz.of(
            "npz",
            file -> {
              Path named =
                  Files.copy(
                      file, file.resolveSibling("x.npz"), StandardCopyOption.REPLACE_EXISTING);
              readAll(NpyImages.read(named));
            })
        .seed(FormatFiles.resource("gray.npz"))
        .seed(FormatFiles.resource("parts.npz"))
        .mutator(Mutators::bytes)
        .mutator(Mutators.zip(false, Map.of(".npy", FormatsFuzzTest::beginning)))
        .run(folder);
  }

  @Test
  void zips_of_images() throws IOException {
    Path zip =
        FormatFiles.zip(
            folder.resolve("seed.zip"),
            Map.of(
                "a/1.png", FormatFiles.resource("rgba.png"),
                "b/2.gif", FormatFiles.resource("plain.gif")));
    Fuzz.of("zip", file -> readAll(ImageFiles.zip(file, SHAPE)))
        .seed(Files.readAllBytes(zip))
        .mutator(Mutators::bytes)
        .mutator(Mutators.zip(false, Map.of()))
        .run(folder);
  }

  @Test
  void records() throws IOException {
    Fuzz.of(
            "records",
            file -> {
              readAll(RecordFormat.CIFAR10.read(file));
              readAll(RecordFormat.CIFAR10.layout().open("x", List.of(file)));
            })
        .seed(new byte[2 * 3073])
        .mutator(Mutators::bytes)
        .run(folder);
  }

  @Test
  void lists_of_celeba() throws IOException {
    Fuzz.of("celeba-attributes", file -> CelebALists.attribute(file, "Male"))
        .seed("2\nMale Smiling\n1.jpg 1 -1\n2.jpg -1 1\n".getBytes(StandardCharsets.UTF_8))
        .seed("image_id,Male\n1.jpg,1\n".getBytes(StandardCharsets.UTF_8))
        .mutator(Mutators::bytes)
        .run(folder);
    Fuzz.of("celeba-partitions", CelebALists::partitions)
        .seed("1.jpg 0\n2.jpg 2\n".getBytes(StandardCharsets.UTF_8))
        .mutator(Mutators::bytes)
        .run(folder);
  }
}
