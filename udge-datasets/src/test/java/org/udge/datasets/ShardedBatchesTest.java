package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.loss.CrossEntropy;
import org.udge.network.Mlp;
import org.udge.random.RandomStreams;
import org.udge.training.Objective;
import org.udge.training.Trainer;
import org.udge.training.TrainingResult;

/** Records left on disk, and batches read from them in blocks. */
class ShardedBatchesTest {

  private static final ImageShape PIXEL = new ImageShape(1, 1, 2);
  private static final RecordLayout LAYOUT =
      RecordLayout.of(PIXEL).withLabel(1, 0, List.of("even", "odd"));

  @TempDir Path folder;
  private Path first;
  private Path second;

  /** 100 records in two files; both pixels of a record tell its number, the label its parity. */
  @BeforeEach
  void write() throws IOException {
    first = file("a.bin", 0, 37);
    second = file("b.bin", 37, 100);
  }

  private Path file(String name, int from, int to) throws IOException {
    byte[] bytes = new byte[3 * (to - from)];
    for (int i = from; i < to; i++) {
      bytes[3 * (i - from)] = (byte) (i % 2);
      bytes[3 * (i - from) + 1] = (byte) i;
      bytes[3 * (i - from) + 2] = (byte) i;
    }
    return Files.write(folder.resolve(name), bytes);
  }

  private RecordFiles open() throws IOException {
    return LAYOUT.open("x", List.of(first, second));
  }

  private static List<Integer> numbers(ShardedBatches data, long epoch) {
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < data.batchesPerEpoch(); i++) {
      try (Batch batch = data.batch(epoch, i)) {
        float[] pixels = batch.images().data().asFloat();
        for (int k = 0; k < batch.size(); k++) {
          int number = TestImages.number(pixels[2 * k]);
          assertThat(batch.labels()[k]).isEqualTo(number % 2);
          assertThat(pixels[2 * k + 1]).isEqualTo(pixels[2 * k]);
          numbers.add(number);
        }
      }
    }
    return numbers;
  }

  @Test
  void files_on_disk_read_as_those_in_memory() throws IOException {
    RecordFiles disk = open();
    ImageSource memory = LAYOUT.read("x", List.of(first, second));
    assertThat(disk.size()).isEqualTo(100);
    assertThat(Labels.of(disk)).isEqualTo(Labels.of(memory));
    for (int i = 0; i < 100; i++) {
      assertThat(TestImages.pixels(disk, i)).isEqualTo(TestImages.pixels(memory, i));
    }
    assertThat(LAYOUT).isEqualTo(RecordLayout.of(PIXEL).withLabel(1, 0, List.of("even", "odd")));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "7, 21", "10, 100", "256, 16384", "8, 8", "9, 50", "100, 100", "33, 66"})
  void every_image_comes_once_an_epoch(int block, int buffer) throws IOException {
    ShardedBatches data =
        ShardedBatches.builder(open(), 10, RandomStreams.of(3))
            .blockSize(block)
            .bufferSize(buffer)
            .build();
    assertThat(data.batchesPerEpoch()).isEqualTo(10);
    List<List<Integer>> orders = new ArrayList<>();
    for (int epoch = 0; epoch < 6; epoch++) {
      List<Integer> order = numbers(data, epoch);
      assertThat(order)
          .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 100).boxed().toList());
      orders.add(order);
    }
    assertThat(orders).doesNotHaveDuplicates();
  }

  @Test
  void a_batch_depends_on_its_position_alone() throws IOException {
    ShardedBatches one =
        ShardedBatches.builder(open(), 9, RandomStreams.of(3)).blockSize(5).bufferSize(20).build();
    List<Integer> whole = numbers(one, 2);
    ShardedBatches resumed =
        ShardedBatches.builder(open(), 9, RandomStreams.of(3)).blockSize(5).bufferSize(20).build();
    try (Batch batch = resumed.batch(2, 7)) {
      float[] pixels = batch.images().data().asFloat();
      for (int k = 0; k < 9; k++) {
        assertThat(TestImages.number(pixels[2 * k])).isEqualTo(whole.get(63 + k));
      }
    }
    try (PrefetchingData ahead = PrefetchingData.of(resumed, 3);
        Batch batch = ahead.batch(2, 0)) {
      assertThat(TestImages.number(batch.images().data().asFloat()[0])).isEqualTo(whole.get(0));
    }
  }

  @Test
  void labels_out_of_range_and_partial_records_are_named() throws IOException {
    byte[] bytes = Files.readAllBytes(second);
    bytes[3 * 5] = 2;
    Files.write(second, bytes);
    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("b.bin: record 5 (byte 15) has label 2");
    Files.write(second, Arrays.copyOf(bytes, 10));
    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            "b.bin has 10 bytes, which is not a whole number of raw records of" + " 3");
  }

  @Test
  void a_file_that_becomes_shorter_is_named_when_it_is_read() throws IOException {
    RecordFiles images = open();
    Files.write(second, new byte[3]);
    assertThatThrownBy(() -> TestImages.pixels(images, 99))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("b.bin")
        .hasMessageContaining("became shorter");
  }

  @Test
  void refuses_sizes_out_of_range() throws IOException {
    RecordFiles images = open();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ShardedBatches.builder(images, 101, RandomStreams.of(1)))
        .withMessageContaining("x has 100 images, fewer than a batch of 101");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ShardedBatches.builder(images, 1, RandomStreams.of(1)).bufferSize(0))
        .withMessage("buffer size must be at least 1, was 0");
  }

  /**
   * {@code mvn -Plarge-data -pl udge-datasets -am test -Dtest=ShardedBatchesTest}: with -Xmx512m.
   */
  @Test
  @EnabledIfSystemProperty(named = "udge.large.data", matches = "true")
  void two_gibibytes_of_records_are_read_in_half_a_gibibyte_of_memory() throws IOException {
    assertThat(Runtime.getRuntime().maxMemory()).isLessThanOrEqualTo(512L << 20);
    int records = (int) ((2L << 30) / 3073);
    Path file = folder.resolve("large.bin");
    try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(3073L * records);
      for (int i = 0; i < records; i++) {
        large.seek(3073L * i);
        large.write(new byte[] {(byte) (i % 10), (byte) i, (byte) (i >> 8), (byte) (i >> 16)});
      }
    }
    RecordFiles images = RecordFormat.CIFAR10.layout().open("large", List.of(file));
    ShardedBatches data =
        ShardedBatches.builder(images, 64, RandomStreams.of(1))
            .augmentation(Augmentations.horizontalFlip())
            .build();
    long sum = 0;
    for (int i = 0; i < data.batchesPerEpoch(); i++) {
      try (Batch batch = data.batch(0, i)) {
        sum += Arrays.stream(batch.labels()).sum();
      }
    }
    long expected = 9L * records / 2;
    assertThat(Math.abs(sum - expected)).isLessThan(1000);
    ShuffledBatches shuffled = ShuffledBatches.builder(images, 64, RandomStreams.of(1)).build();
    for (int i = 0; i < 200; i++) {
      try (Batch batch = shuffled.batch(0, i)) {
        assertThat(batch.size()).isEqualTo(64);
      }
    }
    trains_an_epoch(data);
  }

  private static void trains_an_epoch(ShardedBatches data) {
    try (EnergyModel model =
        EnergyModel.builder(Mlp.of(16)).shape(ImageShape.CIFAR).classes(10).build()) {
      TrainingResult result =
          Trainer.builder(model, Objective.of(CrossEntropy.ofDefaults())).build().fit(data);
      assertThat(result.steps()).isEqualTo(data.batchesPerEpoch());
      // Labels have nothing to do with pixels.
      assertThat(result.history().get(0).loss()).isBetween(Math.log(10) - 0.1, Math.log(10) + 0.5);
    }
  }
}
