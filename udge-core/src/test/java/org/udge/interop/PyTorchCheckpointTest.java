package org.udge.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class PyTorchCheckpointTest {

  @TempDir Path folder;

  private static PyTorchCheckpoint read(String name) throws IOException {
    return PyTorchCheckpoint.read(Resources.pytorch(name));
  }

  @Test
  void reads_a_flat_state_dict_in_its_order() throws IOException {
    PyTorchCheckpoint checkpoint = read("flat.pt");
    assertThat(checkpoint.stateDict())
        .containsOnlyKeys(
            "0.weight",
            "0.bias",
            "1.weight",
            "1.bias",
            "1.running_mean",
            "1.running_var",
            "1.num_batches_tracked");
    assertThat(checkpoint.stateDict().keySet()).startsWith("0.weight", "0.bias", "1.weight");
    Tensor weight = checkpoint.tensor("0.weight");
    assertThat(weight.type()).isEqualTo(ElementType.FLOAT32);
    assertThat(weight.shape()).containsExactly(2, 3);
    assertThat(weight.toFloats()).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(checkpoint.tensor("1.num_batches_tracked").rank()).isZero();
    assertThat(checkpoint.tensor("1.num_batches_tracked").getLong()).isZero();
    assertThat(checkpoint.scalars()).isEmpty();
  }

  @Test
  void reads_nested_dictionaries_lists_numbers_and_texts() throws IOException {
    PyTorchCheckpoint checkpoint = read("nested.pt");
    assertThat(checkpoint.stateDict()).hasSize(7).containsKey("0.weight");
    assertThat(checkpoint.tensors())
        .containsKeys("model_state_dict.0.weight", "replay_buffer", "optimizer.state.0.step");
    assertThat(checkpoint.tensor("replay_buffer").toFloats())
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(checkpoint.scalars())
        .isEqualTo(
            Map.of(
                "epoch",
                7L,
                "big",
                1L << 40,
                "huge",
                BigInteger.TWO.pow(70),
                "accuracy",
                0.25,
                "name",
                "wrn\u00e9",
                "best",
                true,
                "optimizer.param_groups.0.lr",
                0.1,
                "optimizer.param_groups.0.betas.0",
                0.9,
                "optimizer.param_groups.0.betas.1",
                0.999));
  }

  @Test
  void strips_the_prefix_of_data_parallel() throws IOException {
    PyTorchCheckpoint checkpoint = read("wrapped.pt");
    assertThat(checkpoint.tensors()).containsKey("module.0.weight");
    assertThat(checkpoint.stateDict().keySet()).isEqualTo(read("flat.pt").stateDict().keySet());
  }

  @Test
  void refuses_names_that_differ_by_the_stripped_prefix_only() throws IOException {
    PyTorchCheckpoint checkpoint = read("wrapped_twice.pt");
    assertThatThrownBy(checkpoint::stateDict)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("wrapped_twice.pt", "'x' twice");
  }

  @Test
  void reads_every_element_type() throws IOException {
    PyTorchCheckpoint types = read("types.pt");
    assertThat(types.tensor("float64").toDoubles()).containsExactly(0, 1 / 3.0, 2 / 3.0);
    assertThat(types.tensor("float16").toDoubles())
        .containsExactly(
            1.5, -2, 65504, Math.scalb(1.0, -24), Double.POSITIVE_INFINITY, Double.NaN);
    assertThat(types.tensor("bfloat16").toFloats())
        .containsExactly(1.5f, -2, 0x1.c4p127f, Float.NEGATIVE_INFINITY);
    assertThat(types.tensor("int64").toLongs()).containsExactly((1L << 62) + 1, -1);
    assertThat(types.tensor("int32").toLongs()).containsExactly(Integer.MIN_VALUE, 5);
    assertThat(types.tensor("int16").toLongs()).containsExactly(-300, 300);
    assertThat(types.tensor("int8").toLongs()).containsExactly(-128, 127);
    assertThat(types.tensor("uint8").toLongs()).containsExactly(0, 255);
    assertThat(types.tensor("bool").toLongs()).containsExactly(1, 0);
    assertThat(types.tensor("scalar").getDouble()).isEqualTo(3.25);
    assertThat(types.tensor("empty").shape()).containsExactly(0, 4);
    assertThat(types.tensor("empty").toFloats()).isEmpty();
  }

  @Test
  void gives_arrays_of_the_nearest_type() throws IOException {
    PyTorchCheckpoint types = read("types.pt");
    assertThat(types.tensor("float64").toINDArray().dataType()).isEqualTo(DataType.DOUBLE);
    assertThat(types.tensor("float16").toINDArray().dataType()).isEqualTo(DataType.FLOAT);
    assertThat(types.tensor("bool").toINDArray().dataType()).isEqualTo(DataType.INT64);
    assertThat(types.tensor("scalar").toINDArray().rank()).isZero();
    assertThat(types.tensor("empty").toINDArray().shape()).containsExactly(0, 4);
    INDArray transposed = read("views.pt").tensor("transposed").toINDArray();
    assertThat(transposed.shape()).containsExactly(6, 4);
    assertThat(transposed.getDouble(1, 3)).isEqualTo(19);
  }

  @Test
  void reads_views_of_one_storage() throws IOException {
    PyTorchCheckpoint views = read("views.pt");
    assertThat(views.tensor("base").getDouble(3, 5)).isEqualTo(23);
    assertThat(views.tensor("transposed").getDouble(5, 3)).isEqualTo(23);
    assertThat(views.tensor("transposed").toFloats()).startsWith(0, 6, 12, 18, 1);
    assertThat(views.tensor("columns").toFloats()).containsExactly(6, 8, 10, 12, 14, 16);
    assertThat(views.tensor("row").toFloats()).containsExactly(12, 13, 14, 15, 16, 17);
    assertThat(views.tensor("last").getDouble()).isEqualTo(23);
    assertThat(views.tensor("expanded").toDoubles())
        .containsExactly(0, 0, 0, 6, 6, 6, 12, 12, 12, 18, 18, 18);
    double[] count = new double[24];
    Arrays.setAll(count, i -> i);
    assertThat(views.tensor("channels_last").toDoubles()).containsExactly(count);
    assertThat(views.tensor("parameter").toFloats()).containsExactly(0, 1, 2, 3);
  }

  @Test
  void reads_pickle_protocol_4() throws IOException {
    assertThat(read("protocol4.pt").stateDict().keySet()).containsExactly("z", "a", "m");
  }

  @Test
  void reads_big_endian_storages() throws IOException {
    assertThat(read("big_endian.pt").tensor("w").toFloats()).containsExactly(1, 1, 1, 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "batch", "instance", "layer", "act"})
  void reads_the_golden_checkpoints(String norm) throws IOException {
    PyTorchCheckpoint checkpoint = PyTorchCheckpoint.read(Resources.golden("wrn_" + norm + ".pt"));
    JsonNode golden = new ObjectMapper().readTree(Resources.golden("golden.json").toFile());
    Map<String, Tensor> stateDict = checkpoint.stateDict();
    golden
        .get("parameter_names")
        .properties()
        .forEach(
            entry -> {
              long[] shape = new long[entry.getValue().size()];
              Arrays.setAll(shape, i -> entry.getValue().get(i).asLong());
              assertThat(stateDict.get(entry.getKey()).shape())
                  .as(entry.getKey())
                  .containsExactly(shape);
            });
    assertThat(checkpoint.tensor("replay_buffer").shape()).containsExactly(20, 3, 32, 32);
    assertThat(stateDict).doesNotContainKey("replay_buffer");
  }

  @Test
  void reads_the_same_numbers_as_numpy() throws IOException {
    Tensor queue =
        PyTorchCheckpoint.read(Resources.golden("wrn_none.pt")).stateDict().get("queue_logit");
    assertThat(queue.toFloats())
        .containsExactly(NpyFile.read(Resources.golden("queue.npy")).toFloats());
  }

  @ParameterizedTest
  @CsvSource({
    "runs_command.pt,         posix.system",
    "calls_os_system.pt,      os.system",
    "custom_class.pt,         __main__.Custom",
    "java_constructor.pt,     __builtin__.bytearray",
    "instruction_inst.pt,     the pickle instruction 105",
    "instruction_obj.pt,      os.system",
    "instruction_newobj.pt,   the pickle instruction 129",
    "instruction_extension.pt,the pickle instruction 130",
    "sets_attributes.pt,      sets attributes of something that is not an OrderedDict",
    "text_bomb.pt,            a text of 2147483647 bytes beyond its end",
    "list_as_key.pt,          keys are not texts or numbers",
    "cyclic.pt,               nested too deeply",
    "dict_in_dict_cyclic.pt,  nested too deeply",
    "stack_underflow.pt,      its pickle is damaged",
    "unfinished.pt,           premature end of file",
    "expanded_bomb.pt,        repeats the 4 stored elements too often",
    "view_beyond_storage.pt,  does not fit the 4 stored elements",
    "storage_missing.pt,      no entry archive/data/0",
    "storage_short.pt,        'storage 0 has 12 bytes, expected 4 FLOAT32 elements of 4 bytes'",
    "compressed.pt,           archive/data.pkl is compressed",
    "bare_tensor.pt,          no dictionary of tensors at its top",
    "torchscript.pt,          TorchScript program; save its parameters instead",
    "legacy.pt,               torch.save of PyTorch 1.6 or later",
    "plain_pickle.pt,         expected the zip file that torch.save of PyTorch 1.6 or later writes",
    "foreign.zip,             not one that torch.save wrote",
    "make_checkpoints.py,     not a checkpoint"
  })
  void refuses_by_name(String file, String reason) {
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("cannot read the PyTorch checkpoint", file, reason);
  }

  @Test
  void refuses_a_file_cut_anywhere() throws IOException {
    byte[] whole = Files.readAllBytes(Resources.pytorch("flat.pt"));
    for (int length = 0; length < whole.length; length += 37) {
      Path cut = Files.write(folder.resolve("cut.pt"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> PyTorchCheckpoint.read(cut))
          .as("%s bytes", length)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cut.pt")
          .hasMessageContaining(length >= 4 ? "cut short or damaged" : "not a checkpoint");
    }
  }

  @Test
  void refuses_a_damaged_storage() throws IOException {
    byte[] bytes = Files.readAllBytes(Resources.golden("wrn_none.pt"));
    bytes[100_000] ^= 1;
    Path damaged = Files.write(folder.resolve("damaged.pt"), bytes);
    assertThatThrownBy(() -> PyTorchCheckpoint.read(damaged))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("damaged.pt", "is damaged: the checksum differs");
  }

  /** Each byte of a good pickle in turn is replaced by others, behind a valid checksum. */
  @Test
  void survives_any_pickle() throws IOException {
    Path file = folder.resolve("changed.pt");
    byte[] pickle;
    try (ZipFile zip = new ZipFile(Resources.pytorch("good_by_hand.pt").toFile())) {
      pickle = zip.getInputStream(zip.getEntry("archive/data.pkl")).readAllBytes();
    }
    int refused = 0;
    for (int i = 0; i < pickle.length; i++) {
      for (int change : new int[] {0x01, 0x15, 0x80, 0xff}) {
        byte[] changed = pickle.clone();
        changed[i] ^= (byte) change;
        writeArchive(file, changed);
        try {
          PyTorchCheckpoint.read(file);
        } catch (IOException e) {
          assertThat(e).hasMessageContaining("changed.pt");
          refused++;
        }
      }
    }
    assertThat(refused).isGreaterThan(2 * pickle.length);
  }

  private static void writeArchive(Path file, byte[] pickle) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      store(zip, "archive/data.pkl", pickle);
      store(zip, "archive/data/0", new byte[16]);
    }
  }

  private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    CRC32 checksum = new CRC32();
    checksum.update(bytes);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(checksum.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
  }

  @Test
  void names_a_missing_file() {
    Path missing = folder.resolve("missing.pt");
    assertThatThrownBy(() -> PyTorchCheckpoint.read(missing))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("missing.pt: no such file");
  }

  @Test
  void names_a_missing_tensor_and_those_there_are() throws IOException {
    PyTorchCheckpoint checkpoint = read("good_by_hand.pt");
    assertThatThrownBy(() -> checkpoint.tensor("v"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("good_by_hand.pt", "no tensor 'v'; it has w");
  }

  @Test
  void refuses_indices_outside_of_the_shape() throws IOException {
    Tensor weight = read("flat.pt").tensor("0.weight");
    assertThatThrownBy(() -> weight.getDouble(0, 3))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("index 1 (3) must be less than size (3)");
    assertThatThrownBy(() -> weight.getDouble(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 indices for the shape [2, 3]");
    assertThatThrownBy(() -> weight.size(2)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void refuses_whole_numbers_of_floating_point_elements() throws IOException {
    Tensor weight = read("flat.pt").tensor("0.weight");
    assertThatThrownBy(weight::toLongs)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("FLOAT32 elements are not whole numbers");
    assertThatThrownBy(() -> weight.getLong(0, 0)).isInstanceOf(IllegalArgumentException.class);
  }
}
