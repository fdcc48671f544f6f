package org.udge;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;

/**
 * What is known of a model beside its network: all of it is saved.
 *
 * @param shape of images
 * @param classNames in the order of the logits
 * @param calibration of probabilities
 * @param predictionSets of probabilities after that calibration
 * @param thresholds by name of their score
 * @param pixelRange of the numbers in images
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

  /** Sets are of the probabilities before: they go. */
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
