package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.udge.EnergyModel;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.Evaluation;
import org.udge.loss.CrossEntropy;
import org.udge.network.ConvNet;
import org.udge.random.RandomStreams;
import org.udge.training.LearningRate;
import org.udge.training.Objective;
import org.udge.training.Trainer;

class ShapesDatasetTest {

  private static String hash(ImageSource images) {
    Hasher hasher = Hashing.sha256().newHasher();
    for (int i = 0; i < images.size(); i++) {
      for (float pixel : TestImages.pixels(images, i)) {
        hasher.putFloat(pixel);
      }
    }
    return hasher.hash().toString();
  }

  /** Pinned: results on this data can only be compared if it never changes. */
  @Test
  void images_are_the_same_bytes_everywhere() {
    assertThat(hash(ShapesDataset.standard().train(200)))
        .isEqualTo("7fb9ddca8bddad7ecf9db2c7099b66a65d036b5f6cc47aac94e05d656123ae13");
    assertThat(hash(ShapesDataset.standard().test(200)))
        .isEqualTo("769f1d65c4b9e2ec54fb6978775f44b87e3dc164853726d0f189527de8f9ef7a");
    assertThat(hash(ShapesDataset.standard().unseen(200)))
        .isEqualTo("36a9b1672e7b8ec39305124d1df6224d28a013c5ee70d2b059ced5260d97fc02");
  }

  @Test
  void a_larger_set_begins_with_the_smaller_one() {
    ImageSource large = ShapesDataset.standard().train(30);
    assertThat(hash(Subset.first(large, 20))).isEqualTo(hash(ShapesDataset.standard().train(20)));
  }

  @Test
  void another_seed_draws_other_images() {
    assertThat(hash(ShapesDataset.seeded(1).train(10)))
        .isNotEqualTo(hash(ShapesDataset.standard().train(10)));
    assertThat(hash(ShapesDataset.seeded(0).train(10)))
        .isEqualTo(hash(ShapesDataset.standard().train(10)));
  }

  @Test
  void classes_are_balanced_and_named() {
    ImageSource images = ShapesDataset.standard().test(40);
    assertThat(images.shape()).isEqualTo(ImageShape.CIFAR);
    assertThat(images.name()).isEqualTo("shapes/test");
    assertThat(images.classNames())
        .containsExactly(
            "disc",
            "ring",
            "triangle",
            "square",
            "star",
            "cross",
            "crescent",
            "heart",
            "arrow",
            "bars");
    int[] counts = new int[10];
    for (int label : Labels.of(images)) {
      counts[label]++;
    }
    assertThat(counts).containsOnly(4);
  }

  @Test
  void unseen_classes_are_not_among_the_known() {
    ImageSource unseen = ShapesDataset.standard().unseen(10);
    assertThat(unseen.classNames())
        .containsExactly("half-disc", "hourglass", "corner", "flower", "frame");
    assertThat(Collections.disjoint(unseen.classNames(), Figure.names(Figure.KNOWN))).isTrue();
  }

  @Test
  void a_linear_classifier_stays_far_below_eighty_percent() {
    ImageSource train = ShapesDataset.standard().train(3000);
    LinearClassifier classifier = new LinearClassifier(train.shape().size(), train.classCount());
    classifier.fit(train, 10);
    assertThat(classifier.accuracy(train)).isGreaterThan(0.6);
    assertThat(classifier.accuracy(ShapesDataset.standard().test(1000))).isBetween(0.3, 0.75);
  }

  @Test
  void a_small_network_passes_ninety_percent() {
    ImageSource train = ShapesDataset.standard().train(3000);
    ShuffledBatches batches =
        ShuffledBatches.builder(train, 50, RandomStreams.of(1))
            .augmentation(Augmentations.reflectPadCrop(3))
            .build();
    ClassificationEvaluator classification = ClassificationEvaluator.ofDefaults();
    try (EnergyModel model =
        EnergyModel.builder(ConvNet.of(16)).classNames(train.classNames()).build()) {
      Trainer.builder(model, Objective.of(CrossEntropy.ofDefaults()))
          .learningRate(LearningRate.constant(3e-3).withDecay(0.2, 8))
          .epochs(10)
          .build()
          .fit(batches);
      double accuracy =
          Evaluation.of(model)
              .with(classification)
              .run(ShapesDataset.standard().test(1000))
              .get(classification)
              .accuracy();
      assertThat(accuracy).isGreaterThan(0.9);
    }
  }

  @ParameterizedTest
  @EnumSource
  void figures_cover_a_fair_part_of_their_circle_and_nothing_beyond(Figure figure) {
    int inside = 0;
    for (int i = -200; i <= 200; i++) {
      for (int j = -200; j <= 200; j++) {
        double x = j / 100.0;
        double y = i / 100.0;
        if (figure.contains(x, y)) {
          inside++;
          assertThat(x * x + y * y).isLessThan(Figure.RADIUS * Figure.RADIUS);
        }
      }
    }
    assertThat(inside / 10_000.0).isBetween(0.8, 2.6);
  }

  @Test
  void refuses_no_images() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ShapesDataset.standard().train(0))
        .withMessageContaining("number of images must be at least 1, was 0");
  }
}
