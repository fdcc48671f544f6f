package org.udge.spark.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.udge.EnergyModel;
import org.udge.spark.TestImages;

class ModelBytesTest {

  @Test
  void a_model_is_the_same_after_its_journey() throws IOException {
    try (EnergyModel model = TestImages.model();
        EnergyModel arrived = ModelBytes.open("here", ModelBytes.of(model), EnergyModel.loader())) {
      assertThat(arrived.graph().params()).isEqualTo(model.graph().params());
      assertThat(arrived.calibration()).isEqualTo(model.calibration());
    }
  }

  @Test
  void messages_name_the_file_as_it_is_known() {
    assertThatThrownBy(
            () ->
                ModelBytes.open(
                    "hdfs:/models/a.zip",
                    "no model".getBytes(StandardCharsets.UTF_8),
                    EnergyModel.loader()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("file hdfs:/models/a.zip is not a model, or is damaged: ")
        .hasMessageNotContaining("udge-model-");
  }
}
