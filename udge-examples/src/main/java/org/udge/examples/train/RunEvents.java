package org.udge.examples.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.data.ImageSource;
import org.udge.evaluation.calibration.CalibrationResult;
import org.udge.examples.cli.RunFolder;
import org.udge.examples.plots.ReliabilityDiagramPlot;
import org.udge.training.report.TensorBoardListener;
import org.udge.training.report.TensorBoardWriter;

/** The event file of a run for TensorBoard, including pictures. */
record RunEvents(RunFolder folder, TensorBoardWriter writer) {

  private static final int BINS = 15;
  private static final int IMAGES = 64;

  static RunEvents in(RunFolder folder) throws IOException {
    return new RunEvents(folder, TensorBoardWriter.create(folder.path()));
  }

  /**
   * Writes a run's numbers.
   *
   * @param settings the settings for the table of hyperparameters
   * @param earlier folder of the run that this one continues
   */
  TensorBoardListener numbers(int every, ObjectNode settings, Optional<Path> earlier) {
    Map<String, Object> values = new LinkedHashMap<>();
    settings.properties().forEach(entry -> values.put(entry.getKey(), value(entry.getValue())));
    TensorBoardListener listener =
        TensorBoardListener.of(writer).withPointsEvery(every).withHyperparameters(values);
    return earlier.map(listener::withEarlier).orElse(listener);
  }

  private static Object value(JsonNode node) {
    if (node.isNumber()) {
      return node.numberValue();
    } else if (node.isBoolean()) {
      return node.booleanValue();
    }
    return node.isTextual() ? node.textValue() : node.toString();
  }

  /** Occasionally draws the energies of some images and of samples. */
  EnergyHistograms energies(int every, ImageSource images) {
    int[] first = IntStream.range(0, Math.min(IMAGES, images.size())).toArray();
    INDArray pixels = images.read(first).images();
    return new EnergyHistograms(writer, every, pixels);
  }

  /** Adds a picture that is in the folder. */
  void picture(long step, String tag, Path png) throws IOException {
    writer.image(step, tag, Files.readAllBytes(png));
  }

  /** Draws a reliability diagram, also into the folder. */
  void reliability(long step, String split, CalibrationResult result) throws IOException {
    String name = "reliability-" + split;
    ReliabilityDiagramPlot.of(result.diagram(BINS), split).write(folder.path(), name);
    picture(step, "reliability/" + split, folder.file(name + ".png"));
  }
}
