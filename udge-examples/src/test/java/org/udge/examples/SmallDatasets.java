package org.udge.examples;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.format.Mat5File;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;

/** Every data set that is read from files, with a few images, in its own format. */
public final class SmallDatasets {

  /** Images in each split. */
  public static final int IMAGES = 20;

  private SmallDatasets() {}

  public static void write(Path root) throws IOException {
    for (String name : new String[] {"data_batch_1.bin", "test_batch.bin"}) {
      Files.write(root.resolve(name), records(1, 10));
    }
    for (String name : new String[] {"train.bin", "test.bin"}) {
      Files.write(root.resolve(name), records(2, 20));
    }
    for (String part : new String[] {"train", "test"}) {
      svhn(Files.createDirectories(root.resolve("svhn")).resolve(part + "_32x32.mat"));
      String idx = part.equals("train") ? "train" : "t10k";
      for (String set : new String[] {"mnist", "fashion-mnist", "kmnist"}) {
        idx(root.resolve(set), idx, 0);
      }
      for (String kind : "balanced byclass bymerge digits letters mnist".split(" ")) {
        idx(root.resolve("emnist"), "emnist-" + kind + "-" + part, kind.equals("letters") ? 1 : 0);
      }
    }
    celeba(Files.createDirectories(root.resolve("celeba/img_align_celeba")).getParent());
    tinyImageNet(root.resolve("tiny-imagenet-200"));
  }

  private static byte[] records(int labelBytes, int classes) {
    byte[] bytes = new byte[IMAGES * (labelBytes + 3072)];
    for (int i = 0; i < IMAGES; i++) {
      for (int k = 0; k < labelBytes + 3072; k++) {
        bytes[i * (labelBytes + 3072) + k] = (byte) (k < labelBytes ? i % classes : i * 7 + k * 3);
      }
    }
    return bytes;
  }

  private static void svhn(Path file) throws IOException {
    Matrix x = Mat5.newMatrix(new int[] {32, 32, 3, IMAGES}, MatlabType.UInt8);
    Matrix y = Mat5.newMatrix(new int[] {IMAGES, 1}, MatlabType.UInt8);
    for (int i = 0; i < IMAGES; i++) {
      y.setByte(i, (byte) (1 + i % 10));
    }
    try (Mat5File mat = Mat5.newMatFile()) {
      mat.addArray("X", x);
      mat.addArray("y", y);
      Mat5.writeToFile(mat, file.toFile());
    }
  }

  private static void idx(Path folder, String prefix, int firstLabel) throws IOException {
    Files.createDirectories(folder);
    ByteArrayOutputStream images = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(images);
    for (int number : new int[] {0x803, IMAGES, 28, 28}) {
      out.writeInt(number);
    }
    out.write(new byte[IMAGES * 784]);
    Files.write(folder.resolve(prefix + "-images-idx3-ubyte"), images.toByteArray());
    ByteArrayOutputStream labels = new ByteArrayOutputStream();
    out = new DataOutputStream(labels);
    out.writeInt(0x801);
    out.writeInt(IMAGES);
    for (int i = 0; i < IMAGES; i++) {
      out.write(firstLabel + i % 10);
    }
    Files.write(folder.resolve(prefix + "-labels-idx1-ubyte"), labels.toByteArray());
  }

  private static void celeba(Path folder) throws IOException {
    StringBuilder attributes = new StringBuilder("40\nMale Smiling\n");
    StringBuilder partitions = new StringBuilder();
    for (int i = 0; i < 2 * IMAGES; i++) {
      String name = String.format("%06d.jpg", i + 1);
      image(folder.resolve("img_align_celeba/" + name), 178, 218, i);
      attributes.append(name).append(i % 2 == 0 ? "  1 -1\n" : " -1  1\n");
      partitions.append(name).append(i < IMAGES ? " 0\n" : " 2\n");
    }
    Files.writeString(folder.resolve("list_attr_celeba.txt"), attributes);
    Files.writeString(folder.resolve("list_eval_partition.txt"), partitions);
  }

  private static void tinyImageNet(Path folder) throws IOException {
    StringBuilder annotations = new StringBuilder();
    for (int i = 0; i < IMAGES; i++) {
      String wnid = "n0" + i % 2;
      image(folder.resolve("train/" + wnid + "/images/" + i + ".JPEG"), 64, 64, i);
      image(folder.resolve("val/images/val_" + i + ".JPEG"), 64, 64, i);
      annotations.append("val_").append(i).append(".JPEG\t").append(wnid).append("\t0\t0\t1\t1\n");
    }
    Files.writeString(folder.resolve("val/val_annotations.txt"), annotations);
  }

  /** A folder of images for each of two classes, below a folder for each part. */
  public static void ownImages(Path folder) throws IOException {
    for (int i = 0; i < 2 * IMAGES; i++) {
      String part = i < IMAGES ? "train" : "test";
      image(
          folder.resolve(part + "/" + (i % 2 == 0 ? "cat" : "dog") + "/" + i + ".png"), 40, 30, i);
    }
  }

  private static void image(Path file, int width, int height, int seed) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, (x * 5 + seed * 40) % 256 << 16 | (y * 3 + seed * 9) % 256);
      }
    }
    Files.createDirectories(file.getParent());
    ImageIO.write(image, file.toString().endsWith(".png") ? "png" : "jpg", file.toFile());
  }
}
