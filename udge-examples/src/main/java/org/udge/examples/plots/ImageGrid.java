package org.udge.examples.plots;

import static com.google.common.base.Preconditions.checkArgument;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.state.AtomicFiles;

/**
 * A grid of images; rows may have names, for example of classes.
 *
 * <p>Immutable and thread-safe as long as nobody changes the images.
 */
public final class ImageGrid {

  private static final int GAP = 2;

  private final INDArray images;
  private final int columns;
  private final int scale;
  private final List<String> rowNames;

  private ImageGrid(INDArray images, int columns, int scale, List<String> rowNames) {
    this.images = images;
    this.columns = columns;
    this.scale = scale;
    this.rowNames = rowNames;
  }

  /**
   * A grid of images.
   *
   * @param images float32, [N, 3 or 1, H, W] in [-1, 1]; pixels outside are clamped
   * @param columns images per row, at least 1
   * @return the grid, each pixel drawn twice as large
   * @throws IllegalArgumentException if shape or columns are wrong
   */
  public static ImageGrid of(INDArray images, int columns) {
    checkArgument(
        images.rank() == 4 && (images.size(1) == 3 || images.size(1) == 1),
        "images must be [N, 3 or 1, H, W], were %s",
        Arrays.toString(images.shape()));
    checkArgument(columns > 0, "columns must be at least 1, was %s", columns);
    return new ImageGrid(images, columns, 2, List.of());
  }

  /**
   * Enlarges each pixel.
   *
   * @param factor at least 1; default 2
   * @return a new grid
   * @throws IllegalArgumentException if it is below 1
   */
  public ImageGrid scale(int factor) {
    checkArgument(factor > 0, "scale must be at least 1, was %s", factor);
    return new ImageGrid(images, columns, factor, rowNames);
  }

  /**
   * Names the rows.
   *
   * @param names one name per row
   * @return a new grid
   * @throws IllegalArgumentException if there are more or fewer rows
   */
  public ImageGrid rowNames(List<String> names) {
    checkArgument(names.size() == rows(), "there are %s rows but %s names", rows(), names.size());
    return new ImageGrid(images, columns, scale, List.copyOf(names));
  }

  private int rows() {
    return ((int) images.size(0) + columns - 1) / columns;
  }

  /**
   * Draws the grid.
   *
   * @return a new picture
   */
  public BufferedImage draw() {
    int height = scale * (int) images.size(2) + GAP;
    int width = scale * (int) images.size(3) + GAP;
    int margin = margin();
    BufferedImage picture =
        new BufferedImage(
            margin + columns * width + GAP, rows() * height + GAP, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    try {
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, picture.getWidth(), picture.getHeight());
      drawNames(graphics, height);
      float[] pixels = images.castTo(DataType.FLOAT).dup('c').data().asFloat();
      for (int i = 0; i < images.size(0); i++) {
        graphics.drawImage(
            image(pixels, i),
            margin + GAP + i % columns * width,
            GAP + i / columns * height,
            width - GAP,
            height - GAP,
            null);
      }
    } finally {
      graphics.dispose();
    }
    return picture;
  }

  private Font font() {
    return new Font(Font.SANS_SERIF, Font.PLAIN, Math.max(10, scale * (int) images.size(2) / 4));
  }

  private int margin() {
    if (rowNames.isEmpty()) {
      return 0;
    }
    Graphics2D probe = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
    FontMetrics metrics = probe.getFontMetrics(font());
    probe.dispose();
    return 12 + rowNames.stream().mapToInt(metrics::stringWidth).max().orElse(0);
  }

  private void drawNames(Graphics2D graphics, int rowHeight) {
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.BLACK);
    graphics.setFont(font());
    FontMetrics metrics = graphics.getFontMetrics();
    for (int row = 0; row < rowNames.size(); row++) {
      int baseline =
          GAP + row * rowHeight + (rowHeight - metrics.getHeight()) / 2 + metrics.getAscent();
      graphics.drawString(rowNames.get(row), 6, baseline);
    }
  }

  private BufferedImage image(float[] pixels, int index) {
    int height = (int) images.size(2);
    int width = (int) images.size(3);
    int channels = (int) images.size(1);
    int plane = height * width;
    int start = index * channels * plane;
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int at = 0; at < plane; at++) {
      int rgb = 0;
      for (int color = 0; color < 3; color++) {
        rgb = rgb << 8 | level(pixels[start + Math.min(color, channels - 1) * plane + at]);
      }
      image.setRGB(at % width, at / width, rgb);
    }
    return image;
  }

  /** Converts from [-1, 1] to 0 to 255, rounded. */
  private static int level(float pixel) {
    return (int) Math.max(0, Math.min(255, Math.round((pixel + 1) * 127.5)));
  }

  /**
   * Writes the grid as PNG, which appears only when complete.
   *
   * @param file the file to write
   * @throws IOException if writing fails
   */
  public void write(Path file) throws IOException {
    BufferedImage picture = draw();
    AtomicFiles.write(file, temporary -> ImageIO.write(picture, "png", temporary.toFile()));
  }
}
