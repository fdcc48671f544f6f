package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.deeplearning4j.core.storage.StatsStorage;
import org.deeplearning4j.ui.api.UIServer;
import org.deeplearning4j.ui.model.stats.StatsListener;
import org.deeplearning4j.ui.model.stats.api.StatsUpdateConfiguration;
import org.deeplearning4j.ui.model.stats.impl.DefaultStatsUpdateConfiguration;
import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;
import org.junit.jupiter.api.Test;
import org.udge.EnergyModel;
import org.udge.datasets.ShapesDataset;
import org.udge.datasets.ShuffledBatches;
import org.udge.loss.CrossEntropy;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;
import org.udge.training.LearningRate;
import org.udge.training.Objective;
import org.udge.training.Trainer;

/** Deeplearning4j's own training page shows a training of udge. */
class TrainingUiTest {

  @Test
  void shows_a_training() throws Exception {
    System.setProperty("org.deeplearning4j.ui.port", freePort());
    StatsStorage storage = new InMemoryStatsStorage();
    UIServer server = UIServer.getInstance();
    try (EnergyModel model =
        EnergyModel.builder(WideResNet.of(10, 1)).classNames(ShapesDataset.standard().train(10).classNames()).build()) {
      server.attach(storage);
      model.graph().addListeners(new StatsListener(storage, null, withoutUpdates(), null, null));
      Trainer.builder(model, Objective.of(CrossEntropy.ofDefaults()))
          .learningRate(LearningRate.constant(1e-3))
          .epochs(1)
          .build()
          .fit(ShuffledBatches.builder(ShapesDataset.standard().train(40), 10, RandomStreams.of(1)).build());
      String session = storage.listSessionIDs().get(0);
      assertTrue(storage.getNumUpdateRecordsFor(session) >= 4);
      HttpResponse<String> page = get(server, "/train/overview");
      assertEquals(200, page.statusCode());
      HttpResponse<String> data = get(server, "/train/overview/data");
      assertFalse(data.body().isBlank());
      assertTrue(data.body().contains("scores"), data.body());
    } finally {
      server.stop();
    }
  }

  /** udge updates parameters by itself; Deeplearning4j's graph knows no updates. */
  private static StatsUpdateConfiguration withoutUpdates() {
    return new DefaultStatsUpdateConfiguration.Builder()
        .reportingFrequency(1)
        .collectMeanMagnitudesUpdates(false)
        .collectHistogramsUpdates(false)
        .collectMeanUpdates(false)
        .collectStdevUpdates(false)
        .build();
  }

  private static HttpResponse<String> get(UIServer server, String path) throws Exception {
    return HttpClient.newBuilder()
        .followRedirects(HttpClient.Redirect.NORMAL)
        .build()
        .send(
            HttpRequest.newBuilder(URI.create(server.getAddress() + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  /** A port that nobody uses now. */
  private static String freePort() throws Exception {
    try (java.net.ServerSocket socket = new java.net.ServerSocket(0)) {
      return String.valueOf(socket.getLocalPort());
    }
  }
}
