package org.udge.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.udge.EnergyModel;
import org.udge.datasets.ShapesDataset;
import org.udge.network.WideResNet;
import org.udge.spark.data.ImageSourceFactory;

/** Spark and Deeplearning4j live in one process: their libraries agree. */
@ExtendWith(LocalSpark.class)
class SmokeTest {

  @TempDir private Path folder;

  @Test
  void tasks_open_a_model_and_score_images_as_the_driver_does(SparkSession spark) throws Exception {
    String file = folder.resolve("model.zip").toString();
    ImageSourceFactory images = () -> ShapesDataset.standard().test(6);
    double[] expected;
    try (EnergyModel model =
        EnergyModel.builder(WideResNet.of(10, 1)).classNames(images.open().classNames()).build()) {
      model.save(Path.of(file));
      expected = model.logDensity(images.open().read(0, 1, 2, 3, 4, 5).images());
    }
    List<Double> found =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(List.of(0, 1, 2, 3, 4, 5), 2)
            .map(
                index -> {
                  try (EnergyModel model = EnergyModel.load(Path.of(file))) {
                    return model.logDensity(images.open().read(index).images())[0];
                  }
                })
            .collect();
    assertThat(found).hasSize(6);
    for (int i = 0; i < 6; i++) {
      assertThat(found.get(i)).isCloseTo(expected[i], Offset.offset(1e-4));
    }
  }
}
