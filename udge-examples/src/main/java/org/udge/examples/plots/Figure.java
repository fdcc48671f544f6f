package org.udge.examples.plots;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.knowm.xchart.XYChart;
import org.udge.state.AtomicFiles;

/**
 * One or more charts, stacked vertically.
 *
 * <p>Not thread-safe.
 */
public final class Figure {

  /** PNG pixels per unit of the SVG. */
  private static final int SCALE = 2;

  private final List<XYChart> charts;

  private Figure(List<XYChart> charts) {
    this.charts = charts;
  }

  static Figure of(XYChart... charts) {
    return new Figure(List.of(charts));
  }

  /** The charts from top to bottom. */
  List<XYChart> charts() {
    return charts;
  }

  /**
   * Writes {@code NAME.svg} and {@code NAME.png}, each appearing only when complete.
   *
   * @param folder the folder; created if it does not exist
   * @param name file name without extension
   * @throws IOException if writing fails
   */
  public void write(Path folder, String name) throws IOException {
    AtomicFiles.write(folder.resolve(name + ".svg"), this::writeSvg);
    AtomicFiles.write(folder.resolve(name + ".png"), this::writePng);
  }

  private void writeSvg(Path file) throws IOException {
    VectorGraphics2D graphics = new VectorGraphics2D();
    paint(graphics);
    PageSize size = new PageSize(width(), height());
    try (OutputStream out = Files.newOutputStream(file)) {
      new SVGProcessor().getDocument(graphics.getCommands(), size).writeTo(out);
    }
  }

  private void writePng(Path file) throws IOException {
    BufferedImage image =
        new BufferedImage(SCALE * width(), SCALE * height(), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.scale(SCALE, SCALE);
      paint(graphics);
    } finally {
      graphics.dispose();
    }
    ImageIO.write(image, "png", file.toFile());
  }

  private void paint(Graphics2D graphics) {
    AffineTransform start = graphics.getTransform();
    int top = 0;
    for (XYChart chart : charts) {
      graphics.setTransform(start);
      graphics.translate(0, top);
      chart.paint(graphics, chart.getWidth(), chart.getHeight());
      top += chart.getHeight();
    }
  }

  private int width() {
    return charts.stream().mapToInt(XYChart::getWidth).max().orElse(0);
  }

  private int height() {
    return charts.stream().mapToInt(XYChart::getHeight).sum();
  }
}
