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
    LossInput labelled = LossInput.labelled(LOGITS, 0, 1);
    LossInput both = labelled.with(ImageGroup.UNLABELLED, LOGITS, -1, -1);
    assertThat(both.labels(ImageGroup.LABELLED)).containsExactly(0, 1);
    assertThat(both.labels(ImageGroup.UNLABELLED)).containsExactly(-1, -1);
    assertThatIllegalStateException()
        .isThrownBy(() -> labelled.logits(ImageGroup.UNLABELLED))
        .withMessage("this step has no UNLABELLED images; it has [LABELLED]");
  }

  @Test
  void refuses_a_label_too_many() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LossInput.labelled(LOGITS, 0, 1, 1))
        .withMessage("LABELLED: 2 rows of logits but 3 labels");
  }

  @Test
  void refuses_labels_out_of_range() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LossInput.labelled(LOGITS, 0, 2))
        .withMessage("LABELLED: label 2 is out of range, there are 2 classes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LossInput.labelled(LOGITS, -2, 0))
        .withMessage("LABELLED: label -2 is out of range, there are 2 classes");
  }

  @Test
  void refuses_to_pass_unknown_labels_as_known() {
    LossInput input = LossInput.labelled(LOGITS, 0, -1);
    assertThatIllegalStateException()
        .isThrownBy(() -> input.requireLabels(ImageGroup.LABELLED))
        .withMessage("LABELLED image 1 has no label");
  }
}
