package org.udge;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;

/**
 * The metadata of a model beside its network; all of it is saved.
 *
 * @param shape the shape of images
 * @param classNames the class names in the order of the logits
 * @param calibration the calibration of probabilities
 * @param predictionSets the prediction sets of the calibrated probabilities
 * @param thresholds the thresholds by the names of their scores
 * @param pixelRange the range of pixel values
 */
record ModelTraits(
    Optional<ImageShape> shape,
    List<String> classNames,
    Optional<Calibration> calibration,
    Optional<PredictionSets> predictionSets,
    Map<String, Threshold> thresholds,
    Optional<PixelRange> pixelRange) {

  ModelTraits {
    classNames = List.copyOf(classNames);
    thresholds = Collections.unmodifiableMap(new LinkedHashMap<>(thresholds));
  }

  /**
   * Returns a copy with another calibration and without prediction sets, which were fitted to the
   * previous probabilities.
   */
  ModelTraits withCalibration(Calibration other) {
    return new ModelTraits(
        shape, classNames, Optional.of(other), Optional.empty(), thresholds, pixelRange);
  }

  ModelTraits withThreshold(Threshold line) {
    Map<String, Threshold> more = new LinkedHashMap<>(thresholds);
    more.put(line.score(), line);
    return new ModelTraits(shape, classNames, calibration, predictionSets, more, pixelRange);
  }

  ModelTraits withPredictionSets(PredictionSets sets) {
    return new ModelTraits(
        shape, classNames, calibration, Optional.of(sets), thresholds, pixelRange);
  }
}
