package org.udge.examples.plots;

import com.google.common.collect.Lists;
import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.Color;
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
import org.knowm.xchart.internal.chartpart.Chart;
import org.udge.state.AtomicFiles;

/**
 * One or more charts, line by line.
 *
 * <p>Not thread-safe.
 */
public final class Figure {

  /** PNG pixels per unit of the SVG. */
  private static final int SCALE = 2;

  private final int chartsPerLine;
  private final List<Chart<?, ?>> charts;

  private Figure(int chartsPerLine, List<? extends Chart<?, ?>> charts) {
    this.chartsPerLine = chartsPerLine;
    this.charts = List.copyOf(charts);
  }

  /** Charts from top to bottom. */
  static Figure of(Chart<?, ?>... charts) {
    return grid(1, List.of(charts));
  }

  /** Charts from left to right, and from top to bottom. */
  static Figure grid(int chartsPerLine, List<? extends Chart<?, ?>> charts) {
    return new Figure(chartsPerLine, charts);
  }

  /** The charts in their order. */
  List<Chart<?, ?>> charts() {
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
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, width(), height());
    int top = 0;
    for (List<Chart<?, ?>> line : lines()) {
      int left = 0;
      for (Chart<?, ?> chart : line) {
        graphics.setTransform(start);
        graphics.translate(left, top);
        chart.paint(graphics, chart.getWidth(), chart.getHeight());
        left += chart.getWidth();
      }
      top += height(line);
    }
  }

  private List<List<Chart<?, ?>>> lines() {
    return Lists.partition(charts, chartsPerLine);
  }

  private int width() {
    return lines().stream()
        .mapToInt(line -> line.stream().mapToInt(Chart::getWidth).sum())
        .max()
        .orElse(0);
  }

  private int height() {
    return lines().stream().mapToInt(Figure::height).sum();
  }

  private static int height(List<Chart<?, ?>> line) {
    return line.stream().mapToInt(Chart::getHeight).max().orElse(0);
  }
}
