package org.udge.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.TrainingData;
import org.udge.loss.ImageGroup;
import org.udge.loss.LossFunction;
import org.udge.loss.LossSetup;
import org.udge.loss.LossTerm;
import org.udge.loss.LossValue;
import org.udge.network.ConvNet;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;
import org.udge.state.State;
import org.udge.training.DivergenceGuard;
import org.udge.training.Objective;
import org.udge.training.StepReport;
import org.udge.training.Trainer;
import org.udge.training.TrainingControl;
import org.udge.training.TrainingListener;
import org.udge.training.TrainingSession;

/** Both listeners, on runs of epochs of 5 steps. */
class ReportListenersTest {

  private static final int STEPS_PER_EPOCH = 5;

  @TempDir private Path folder;

  private Path table() {
    return folder.resolve("progress.csv");
  }

  /** Random images of two classes. */
  private static final class Noise implements TrainingData {
    @Override
    public int batchesPerEpoch() {
      return STEPS_PER_EPOCH;
    }

    @Override
    public ImageShape shape() {
      return new ImageShape(1, 4, 4);
    }

    @Override
    public List<String> classNames() {
      return List.of("a", "b");
    }

    @Override
    public Batch batch(long epoch, int index) {
      RandomStream random = RandomStreams.of(1).stream("images", epoch, index);
      float[] pixels = new float[4 * shape().size()];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (float) random.nextGaussian();
      }
      return Batch.of(
          Nd4j.createFromArray(pixels).reshape(shape().batch(4)), new int[] {0, 1, 0, 1});
    }
  }

  /** Gives the number of its call; NaN at one of them. */
  private record Counts(int badCall) implements LossTerm {
    @Override
    public String name() {
      return "counts";
    }

    @Override
    public Set<ImageGroup> groups() {
      return Set.of(ImageGroup.LABELED);
    }

    @Override
    public LossFunction begin(LossSetup setup) {
      int[] calls = new int[1];
      return input -> LossValue.of(++calls[0] == badCall ? Double.NaN : calls[0]);
    }
  }

  private static final class StopAt implements TrainingListener {
    private final long step;

    StopAt(long step) {
      this.step = step;
    }

    @Override
    public void onStep(StepReport report, TrainingControl control) {
      if (report.step() == step) {
        control.requestStop();
      }
    }
  }

  private static EnergyModel model() {
    return EnergyModel.builder(ConvNet.of(2)).shape(new Noise().shape()).classes(2).build();
  }

  private static Trainer.Builder trainer(EnergyModel model, int badCall) {
    return Trainer.builder(model, Objective.of(new Counts(badCall))).epochs(2);
  }

  /** Cells but for {@code seconds}, by row. */
  private List<String> rows() throws IOException {
    return Files.readAllLines(table()).stream()
        .skip(1)
        .map(row -> row.replaceFirst("^(\\d+,\\d+),[0-9.E-]+,", "$1,"))
        .toList();
  }

  @Test
  void the_table_has_a_row_for_each_epoch() throws IOException {
    try (EnergyModel model = model()) {
      trainer(model, -1).listener(ProgressCsv.of(table())).build().fit(new Noise());
    }
    assertThat(Files.readAllLines(table()).get(0))
        .isEqualTo(
            "epoch,steps,seconds,validation/accuracy,validation/nll,loss,counts,averaged_steps");
    assertThat(rows()).containsExactly("0,5,,,3.0,3.0,5", "1,10,,,8.0,8.0,5");
  }

  @Test
  void the_table_has_rows_within_epochs_where_they_are_wanted() throws IOException {
    try (EnergyModel model = model()) {
      trainer(model, -1)
          .listener(ProgressCsv.of(table()).withPointsEvery(2))
          .build()
          .fit(new Noise());
    }
    assertThat(rows())
        .containsExactly(
            "0,2,,,1.5,1.5,2",
            "0,4,,,3.5,3.5,2",
            "0,5,,,3.0,3.0,5",
            "1,6,,,6.0,6.0,1",
            "1,8,,,7.5,7.5,2",
            "1,10,,,8.0,8.0,5");
  }

  @Test
  void the_table_of_a_run_that_goes_on_is_the_old_one_continued() throws IOException {
    State state;
    try (EnergyModel model = model()) {
      TrainingSession first =
          trainer(model, -1)
              .listener(ProgressCsv.of(table()).withPointsEvery(2))
              .listener(new StopAt(7))
              .build()
              .begin();
      first.run(new Noise());
      state = first.captureState();
    }
    // A later row that the state does not know of, and the part of a line that a kill left.
    Files.writeString(table(), "1,8,0.1,,,0.0,0.0,2\n1,9,0", StandardOpenOption.APPEND);
    try (EnergyModel model = model()) {
      TrainingSession rest =
          trainer(model, -1).listener(ProgressCsv.of(table()).withPointsEvery(2)).build().begin();
      rest.restoreState(state);
      rest.run(new Noise());
    }
    List<String> rows = rows();
    assertThat(rows).hasSize(6);
    assertThat(rows.subList(0, 4))
        .containsExactly(
            "0,2,,,1.5,1.5,2", "0,4,,,3.5,3.5,2", "0,5,,,3.0,3.0,5", "1,6,,,6.0,6.0,1");
    assertThat(rows.get(4)).startsWith("1,8,").endsWith(",1");
    assertThat(rows.get(5)).startsWith("1,10,").endsWith(",5");
  }

  @Test
  void the_table_of_a_run_that_goes_on_in_another_folder_has_the_epochs_before()
      throws IOException {
    State state;
    try (EnergyModel model = model()) {
      TrainingSession first = trainer(model, -1).listener(new StopAt(7)).build().begin();
      first.run(new Noise());
      state = first.captureState();
    }
    Files.writeString(table(), "another,table\n1,2\n");
    try (EnergyModel model = model()) {
      TrainingSession rest = trainer(model, -1).listener(ProgressCsv.of(table())).build().begin();
      rest.restoreState(state);
      rest.run(new Noise());
    }
    assertThat(rows()).hasSize(2);
    assertThat(rows().get(0)).isEqualTo("0,5,,,3.0,3.0,5");
  }

  @Test
  void a_rollback_takes_back_the_rows_and_points_of_later_steps() throws IOException {
    try (EnergyModel model = model()) {
      trainer(model, 9)
          .guard(DivergenceGuard.ofDefaults())
          .snapshotEvery(3)
          .listener(ProgressCsv.of(table()).withPointsEvery(1))
          .listener(TensorBoardListener.of(folder).withPointsEvery(1))
          .build()
          .fit(new Noise());
    }
    // The ninth step was bad. The last good state is that of step 3, whose successor was taken at
    // 6.
    assertThat(rows().stream().map(row -> row.substring(0, row.indexOf(",,"))))
        .containsExactly("0,1", "0,2", "0,3", "0,4", "0,5", "1,6", "1,7", "1,8", "1,9", "1,10");
    List<Map<String, Object>> events = events();
    List<Object> starts =
        events.stream()
            .filter(e -> e.containsKey("session_status"))
            .map(e -> e.get("step"))
            .toList();
    assertThat(starts).containsExactly(4L);
  }

  @Test
  void scalars_are_of_epochs_and_of_points_within() throws IOException {
    try (EnergyModel model = model()) {
      trainer(model, -1)
          .epochs(1)
          .listener(TensorBoardListener.of(folder).withPointsEvery(2))
          .build()
          .fit(new Noise());
    }
    List<Map<String, Object>> events = events();
    assertThat(events).hasSize(4);
    assertThat(events.get(1))
        .containsEntry("step", 2L)
        .containsEntry("step/loss", 1.5f)
        .containsEntry("step/counts", 1.5f)
        .containsKey("step/learning_rate");
    assertThat(events.get(2)).containsEntry("step", 4L).containsEntry("step/loss", 3.5f);
    assertThat(events.get(3))
        .containsEntry("step", 5L)
        .containsEntry("loss", 3f)
        .containsEntry("train/counts", 3f)
        .doesNotContainKey("step/loss");
  }

  @Test
  void a_run_that_goes_on_begins_with_the_scalars_of_its_epochs() throws IOException {
    try (EnergyModel model = model()) {
      TrainingSession first = trainer(model, -1).epochs(1).build().begin();
      first.run(new Noise());
      TrainingSession rest =
          trainer(model, -1).listener(TensorBoardListener.of(folder)).build().begin();
      rest.restoreState(first.captureState());
      rest.run(new Noise());
    }
    assertThat(events().stream().skip(1).map(e -> e.get("step"))).containsExactly(5L, 10L);
  }

  @Test
  void a_run_that_goes_on_in_another_folder_begins_with_what_was_written() throws IOException {
    Path earlier = folder.resolve("earlier");
    Path later = folder.resolve("later");
    try (EnergyModel model = model()) {
      TrainingSession first =
          trainer(model, -1)
              .epochs(1)
              .listener(
                  TensorBoardListener.of(earlier)
                      .withPointsEvery(2)
                      .withHyperparameters(Map.of("lr", 0.1)))
              .build()
              .begin();
      first.run(new Noise());
      TrainingSession rest =
          trainer(model, -1)
              .listener(
                  TensorBoardListener.of(TensorBoardWriter.create(later)).withEarlier(earlier))
              .build()
              .begin();
      rest.restoreState(first.captureState());
      rest.run(new Noise());
    }
    List<Map<String, Object>> before = events(earlier);
    List<Map<String, Object>> after = events(later);
    // The version; two of settings before, and one at the end, that are not copied.
    assertThat(before.stream().map(e -> e.get("step"))).containsExactly(0L, 0L, 0L, 2L, 4L, 5L, 0L);
    assertThat(after.stream().map(e -> e.get("step"))).containsExactly(0L, 2L, 4L, 5L, 10L);
    assertThat(after.subList(1, 4)).isEqualTo(before.subList(3, 6));
  }

  @Test
  void a_run_that_goes_on_in_the_same_folder_writes_no_step_twice() throws IOException {
    try (EnergyModel model = model()) {
      TrainingSession first =
          trainer(model, -1).epochs(1).listener(TensorBoardListener.of(folder)).build().begin();
      first.run(new Noise());
      TrainingSession rest =
          trainer(model, -1).listener(TensorBoardListener.of(folder)).build().begin();
      rest.restoreState(first.captureState());
      rest.run(new Noise());
    }
    List<Path> files = EventRecords.files(folder);
    assertThat(files).hasSize(2);
    List<Map<String, Object>> added = Events.read(files.get(1));
    assertThat(added.stream().map(e -> e.get("step"))).containsExactly(0L, 6L, 10L);
    assertThat(added.get(1)).containsEntry("session_status", 1L);
  }

  @Test
  void says_which_file_cannot_be_written() throws IOException {
    Path run = Files.createDirectory(folder.resolve("run"));
    TrainingListener deletes =
        new TrainingListener() {
          @Override
          public void onStep(StepReport report, TrainingControl control) {
            if (report.step() == 3) {
              delete(run);
            }
          }
        };
    try (EnergyModel model = model()) {
      Trainer trainer =
          trainer(model, -1)
              .listener(ProgressCsv.of(run.resolve("progress.csv")).withPointsEvery(2))
              .listener(deletes)
              .build();
      assertThatThrownBy(() -> trainer.fit(new Noise()))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining(
              "cannot write %s: its folder %s was deleted", run.resolve("progress.csv"), run);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Map<String, Object>> events() throws IOException {
    return events(folder);
  }

  private static List<Map<String, Object>> events(Path of) throws IOException {
    return Events.read(EventRecords.files(of).get(0));
  }

  @Test
  void refuses_points_every_no_step() {
    assertThatThrownBy(() -> ProgressCsv.of(table()).withPointsEvery(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("steps between points must be at least 1, was 0");
    assertThatThrownBy(() -> TensorBoardListener.of(folder).withPointsEvery(0))
        .hasMessage("steps between points must be at least 1, was 0");
  }
}
