package org.udge.spark.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.EnergyModel;
import org.udge.engine.Engine;
import org.udge.engine.EngineSettings;
import org.udge.spark.TestImages;
import org.udge.spark.internal.ExecutorModels.Key;
import org.udge.spark.internal.ExecutorModels.Lease;

class ExecutorModelsTest {

  private static final EngineSettings ONE_THREAD = EngineSettings.ofDefaults().withThreads(1);

  private final AtomicInteger opened = new AtomicInteger();

  @AfterEach
  void close() {
    ExecutorModels.closeIdle();
  }

  private Lease take(String sha256) throws IOException {
    return ExecutorModels.take(
        new Key(sha256, ONE_THREAD),
        settings -> {
          opened.incrementAndGet();
          return TestImages.model();
        });
  }

  @Test
  void tasks_at_the_same_time_have_engines_of_their_own_on_the_same_parameters()
      throws IOException {
    try (Lease first = take("a");
        Lease second = take("a")) {
      assertThat(opened).hasValue(1);
      assertThat(second.model().graph()).isSameAs(first.model().graph());
      assertThat(second.model().engine()).isNotSameAs(first.model().engine());
      assertThat(second.model().engine().threads()).isEqualTo(1);
    }
  }

  @Test
  void engines_are_used_again() throws IOException {
    List<Engine> engines = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      try (Lease lease = take("a")) {
        engines.add(lease.model().engine());
      }
    }
    assertThat(opened).hasValue(1);
    assertThat(engines).containsOnly(engines.get(0));
  }

  @Test
  void two_idle_models_are_kept_and_those_in_use() throws IOException {
    try (Lease used = take("used")) {
      for (String each : List.of("a", "b", "c")) {
        take(each).close();
      }
      assertThat(ExecutorModels.count()).isEqualTo(3);
      take("c").close();
      assertThat(opened).as("c was kept").hasValue(4);
      take("a").close();
      assertThat(opened).as("a was closed as the oldest").hasValue(5);
      assertThat(used.model().logDensity(Nd4j.zeros(1, 3, 8, 8))).hasSize(1);
    }
  }

  @Test
  void what_cannot_be_opened_is_tried_again() throws IOException {
    Key key = new Key("broken", ONE_THREAD);
    assertThatThrownBy(
            () ->
                ExecutorModels.take(
                    key,
                    settings -> {
                      throw new IOException("no such file");
                    }))
        .hasMessage("no such file");
    try (Lease lease = ExecutorModels.take(key, settings -> TestImages.model())) {
      EnergyModel model = lease.model();
      assertThat(model.classCount()).isEqualTo(3);
    }
  }

  @Test
  void a_lease_given_back_twice_counts_once() throws IOException {
    Lease first = take("a");
    Lease second = take("a");
    first.close();
    first.close();
    ExecutorModels.closeIdle();
    assertThat(ExecutorModels.count()).as("second is still in use").isEqualTo(1);
    second.close();
  }
}
