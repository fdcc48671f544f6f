package org.udge.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.EnergyModel;

class QuickstartTest {

  @TempDir private Path logs;

  @Test
  void shows_both_models_side_by_side() throws IOException {
    CommandRun run =
        CommandRun.of(
            "quickstart",
            "--threads",
            1,
            "--n_train",
            64,
            "--n_test",
            20,
            "--n_epochs",
            1,
            "--log_dir",
            logs);
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    assertThat(run.out()).containsPattern("plain +hybrid").containsPattern("AUROC of log p\\(x\\)");
    Path folder = CommandRun.onlyFolder(logs);
    JsonNode result = new ObjectMapper().readTree(folder.resolve("result.json").toFile());
    assertThat(result.get("command").asText()).isEqualTo("quickstart");
    for (String name : new String[] {"plain", "hybrid"}) {
      JsonNode metrics = result.get("metrics");
      assertThat(metrics.get(name + "/test/accuracy").asDouble()).isBetween(0.0, 1.0);
      assertThat(metrics.get(name + "/test/ece15").asDouble()).isBetween(0.0, 1.0);
      assertThat(metrics.get(name + "/ood/unseen/px/auroc").asDouble()).isBetween(0.0, 1.0);
      try (EnergyModel model = EnergyModel.load(folder.resolve(name + ".zip"))) {
        assertThat(model.classNames()).contains("disc", "star");
      }
      for (String picture : new String[] {"training", "reliability", "logp"}) {
        assertThat(folder.resolve(name + "-" + picture + ".png")).isNotEmptyFile();
      }
    }
  }
}
