package org.udge.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.udge.engine.Logits;

class LossInputTest {

  private static final Logits LOGITS = Logits.of(new double[][] {{1, 2}, {3, 4}});

  @Test
  void adding_a_group_leaves_the_input_as_it_was() {
    LossInput labeled = LossInput.ofLabeled(LOGITS, 0, 1);
    LossInput both = labeled.with(ImageGroup.UNLABELED, LOGITS, -1, -1);
    assertThat(both.labels(ImageGroup.LABELED)).containsExactly(0, 1);
    assertThat(both.labels(ImageGroup.UNLABELED)).containsExactly(-1, -1);
    assertThatIllegalStateException()
        .isThrownBy(() -> labeled.logits(ImageGroup.UNLABELED))
        .withMessage("this step has no UNLABELED images; it has [LABELED]");
  }

  @Test
  void refuses_a_label_too_many() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LossInput.ofLabeled(LOGITS, 0, 1, 1))
        .withMessage("LABELED: 2 rows of logits but 3 labels");
  }

  @Test
  void refuses_labels_out_of_range() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LossInput.ofLabeled(LOGITS, 0, 2))
        .withMessage("LABELED: label 2 is out of range, there are 2 classes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LossInput.ofLabeled(LOGITS, -2, 0))
        .withMessage("LABELED: label -2 is out of range, there are 2 classes");
  }

  @Test
  void refuses_to_pass_unknown_labels_as_known() {
    LossInput input = LossInput.ofLabeled(LOGITS, 0, -1);
    assertThatIllegalStateException()
        .isThrownBy(() -> input.requireLabels(ImageGroup.LABELED))
        .withMessage("LABELED image 1 has no label");
  }
}
