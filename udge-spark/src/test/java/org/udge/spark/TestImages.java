package org.udge.spark;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.udge.Calibration;
import org.udge.EnergyModel;
import org.udge.data.ImageShape;
import org.udge.network.WideResNet;

/** A small model and colored image files. */
public final class TestImages {

  public static final ImageShape SHAPE = new ImageShape(3, 8, 8);

  private TestImages() {}

  /** Three classes, calibrated. */
  public static EnergyModel model() {
    return EnergyModel.builder(WideResNet.of(10, 1))
        .shape(SHAPE)
        .classes(3)
        .seed(7)
        .calibration(Calibration.vector(new double[] {0.5, 1, 2}, new double[] {0.1, 0, -0.1}))
        .build();
  }

  /** An image whose channels differ. */
  public static BufferedImage image(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    BufferedImage image = new BufferedImage(11, 9, BufferedImage.TYPE_3BYTE_BGR);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int red = 128 + random.nextInt(128);
        image.setRGB(x, y, red << 16 | random.nextInt(256) << 8 | random.nextInt(64));
      }
    }
    return image;
  }

  /** Writes PNG files named {@code 000.png}, {@code 001.png}, ... */
  public static void write(Path folder, int first, int count) throws IOException {
    Files.createDirectories(folder);
    for (int i = first; i < first + count; i++) {
      String name = String.format(Locale.ROOT, "%03d.png", i);
      // A stream of files must not see one that is half-written.
      Path hidden = folder.resolve("." + name);
      ImageIO.write(image(i), "png", hidden.toFile());
      Files.move(hidden, folder.resolve(name));
    }
  }
}
