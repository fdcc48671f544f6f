package org.udge.spark.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.udge.EnergyModel;
import org.udge.engine.EngineChoice;
import org.udge.spark.LocalSpark;
import org.udge.spark.TestImages;
import org.udge.spark.data.ExecutorException;

@ExtendWith(LocalSpark.class)
class SharedModelTest {

  @TempDir private Path folder;

  private String save() throws IOException {
    Path file = folder.resolve("model.zip");
    try (EnergyModel model = TestImages.model()) {
      model.save(file);
    }
    return file.toString();
  }

  private SharedModel shared(String file, String engine, String classes) throws IOException {
    String sha256 = Hashing.sha256().hashBytes(Files.readAllBytes(Path.of(file))).toString();
    return new SharedModel(
        file,
        sha256,
        EngineChoice.AUTO,
        engine,
        classes,
        null,
        new SerializableConfiguration(new Configuration()));
  }

  @Test
  void other_jars_are_refused(SparkSession spark) throws IOException {
    SharedModel shared = shared(save(), "onednn", "0.0.9 / 0123456789ab");
    assertThatThrownBy(shared::take)
        .isInstanceOf(ExecutorException.class)
        .hasMessage(
            "the driver on 127.0.0.1: its jars of udge are "
                + ClassFingerprint.ofThisProcess()
                + ", the driver's are 0.0.9 / 0123456789ab: give all the same (spark-submit's"
                + " --jars, or spark.executor.extraClassPath)");
  }

  @Test
  void another_engine_is_refused(SparkSession spark) throws IOException {
    SharedModel shared = shared(save(), "fast", ClassFingerprint.ofThisProcess());
    assertThatThrownBy(shared::take)
        .isInstanceOf(ExecutorException.class)
        .hasMessageMatching(
            "the driver on 127.0.0.1: it would compute with engine \\w+, the driver has fast: .*");
  }

  @Test
  void a_missing_file_is_named_with_the_executor(SparkSession spark) throws IOException {
    String file = save();
    SharedModel shared = shared(file, "onednn", ClassFingerprint.ofThisProcess());
    Files.delete(Path.of(file));
    ExecutorModels.closeIdle();
    assertThatThrownBy(shared::take)
        .isInstanceOf(ExecutorException.class)
        .hasMessageStartingWith("the driver on 127.0.0.1: cannot open the model " + file + ": ");
  }

  @Test
  void the_same_bytes_are_still_the_same_model(SparkSession spark) throws IOException {
    String file = save();
    SharedModel shared = SharedModel.of(spark.sparkContext(), file, EngineChoice.AUTO, true);
    assertThat(shared.isStill(spark.sparkContext(), file, EngineChoice.AUTO, true)).isTrue();
    assertThat(shared.isStill(spark.sparkContext(), file, EngineChoice.GRAPH, true)).isFalse();
    Files.writeString(Path.of(file), "changed");
    assertThat(shared.isStill(spark.sparkContext(), file, EngineChoice.AUTO, true)).isFalse();
  }
}
