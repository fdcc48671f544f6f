package org.udge.training;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.udge.data.Batch;
import org.udge.engine.Mode;
import org.udge.loss.ImageGroup;
import org.udge.loss.LossInput;
import org.udge.loss.LossValue;
import org.udge.loss.OwnImages;

/** The images of a step, in groups that go through the network together or one by one. */
final class StepImages {

  private final List<SharedPass.Group> groups = new ArrayList<>();
  private final List<Batch> batches = new ArrayList<>();
  private final boolean separate;

  /** For each term, the indices of the groups that it reads. */
  private final Map<ActiveTerm, Map<ImageGroup, Integer>> places = new LinkedHashMap<>();

  /**
   * Groups the images.
   *
   * @param brought the images that the terms themselves contribute
   * @param separate whether each term has its own groups
   */
  StepImages(
      List<ActiveTerm> terms,
      Batch labeled,
      Batch unlabeled,
      Map<ActiveTerm, OwnImages> brought,
      boolean separate) {
    this.separate = separate;
    for (ActiveTerm term : terms) {
      Map<ImageGroup, Integer> own = new EnumMap<>(ImageGroup.class);
      if (term.reads(ImageGroup.LABELED)) {
        own.put(ImageGroup.LABELED, place(labeled, Mode.TRAINING, true));
      }
      if (term.reads(ImageGroup.UNLABELED)) {
        own.put(ImageGroup.UNLABELED, place(unlabeled, Mode.TRAINING, true));
      }
      OwnImages images = brought.get(term);
      if (images != null) {
        Mode mode = images.usesBatchStatistics() ? Mode.TRAINING : Mode.TRAINING_FROZEN_STATISTICS;
        own.put(images.group(), place(images.batch(), mode, false));
      }
      places.put(term, own);
    }
  }

  /**
   * Returns the group of a batch. Images that are already in a group pass through the network once,
   * unless passes are separate.
   */
  private int place(Batch batch, Mode mode, boolean movesStatistics) {
    int known = batches.indexOf(batch);
    if (known >= 0 && !separate) {
      return known;
    }
    batches.add(batch);
    groups.add(new SharedPass.Group(batch.images(), mode, movesStatistics));
    return groups.size() - 1;
  }

  List<SharedPass.Group> groups() {
    return groups;
  }

  /** Returns the number of images; those that several terms read count once. */
  int count() {
    return groups.stream().mapToInt(SharedPass.Group::size).sum();
  }

  /** Returns the input that a term reads from a pass. */
  LossInput input(ActiveTerm term, SharedPass pass) {
    LossInput input = LossInput.none();
    for (Map.Entry<ImageGroup, Integer> place : requireNonNull(places.get(term)).entrySet()) {
      Batch batch = batches.get(place.getValue());
      int[] labels =
          switch (place.getKey()) {
            case LABELED -> batch.requireLabels();
            case UNLABELED -> noLabels(batch.size());
            case SAMPLED, OWN -> batch.labels();
          };
      input = input.with(place.getKey(), pass.logits(place.getValue()), labels);
    }
    return input;
  }

  private static int[] noLabels(int size) {
    int[] none = new int[size];
    Arrays.fill(none, Batch.UNLABELED);
    return none;
  }

  /** Returns zeros for the gradient with respect to each group's logits. */
  List<double[][]> zeros(int classes) {
    List<double[][]> zeros = new ArrayList<>();
    for (SharedPass.Group group : groups) {
      zeros.add(new double[group.size()][classes]);
    }
    return zeros;
  }

  /** Adds a term's gradients, multiplied by a factor, to those of the groups it read. */
  void addGradients(List<double[][]> sums, ActiveTerm term, LossValue value, double factor) {
    requireNonNull(places.get(term))
        .forEach(
            (group, place) ->
                value
                    .gradient(group)
                    .ifPresent(gradient -> add(sums.get(place), gradient, factor)));
  }

  private static void add(double[][] sum, double[][] gradient, double factor) {
    for (int i = 0; i < sum.length; i++) {
      for (int c = 0; c < sum[i].length; c++) {
        sum[i][c] += factor * gradient[i][c];
      }
    }
  }
}
