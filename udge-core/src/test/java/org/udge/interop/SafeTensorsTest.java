package org.udge.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.ImageShape;
import org.udge.network.ConvNet;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;

class SafeTensorsTest {

  @TempDir private Path folder;

  private static Path types() {
    return Resources.safetensors("types.safetensors");
  }

  @Test
  void reads_every_type_of_the_library() throws IOException {
    SafeTensors file = SafeTensors.read(types());
    assertThat(file.metadata()).containsExactly(entry("made_by", "make_safetensors.py"));
    Map<String, Tensor> tensors = file.tensors();
    assertThat(tensors).hasSize(11);
    for (String name :
        new String[] {"float64", "float32", "float16", "int64", "int32", "int16", "int8"}) {
      assertThat(tensors.get(name).type()).hasToString(name.toUpperCase(java.util.Locale.ROOT));
      assertThat(tensors.get(name).shape()).containsExactly(2, 3);
      assertThat(tensors.get(name).toDoubles()).containsExactly(-2, 0, 1, 3, 100, 7);
    }
    assertThat(tensors.get("uint8").toLongs()).containsExactly(0, 200, 255);
    assertThat(tensors.get("bool").toLongs()).containsExactly(1, 0);
    assertThat(tensors.get("scalar").getDouble()).isEqualTo(0.1f);
    assertThat(tensors.get("empty").shape()).containsExactly(0, 3);
  }

  @Test
  void writes_the_bytes_of_the_library() throws IOException {
    SafeTensors file = SafeTensors.read(types());
    Path again = folder.resolve("again.safetensors");
    SafeTensors.of(file.tensors(), file.metadata()).write(again);
    assertThat(again).hasSameBinaryContentAs(types());
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void a_network_goes_to_pytorch_and_back_bit_for_bit(Norm norm) throws IOException {
    WideResNet architecture = WideResNet.of(10, 1).withNorm(norm);
    ComputationGraph graph = architecture.initialize(ImageShape.CIFAR, 10, RandomStreams.of(3));
    Path path = folder.resolve("model.safetensors");
    SafeTensors.of(PyTorchWideResNet.stateDict(graph), Map.of()).write(path);
    PyTorchWideResNet importer = PyTorchWideResNet.importer();
    ImportedWideResNet back =
        (norm == Norm.INSTANCE || norm == Norm.LAYER ? importer.norm(norm) : importer).read(path);
    assertThat(back.architecture().norm()).isEqualTo(norm);
    assertThat(back.graph().params().data().asFloat())
        .containsExactly(graph.params().data().asFloat());
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void gives_the_names_shapes_and_numbers_of_a_published_checkpoint(Norm norm) throws IOException {
    Path published =
        Resources.golden("wrn_" + norm.name().toLowerCase(java.util.Locale.ROOT) + ".pt");
    PyTorchWideResNet importer = PyTorchWideResNet.importer();
    ComputationGraph graph =
        (norm == Norm.INSTANCE || norm == Norm.LAYER ? importer.norm(norm) : importer)
            .read(published)
            .graph();
    Map<String, Tensor> expected =
        new LinkedHashMap<>(PyTorchCheckpoint.read(published).stateDict());
    expected
        .keySet()
        .removeIf(
            name -> name.matches("energy_output.*|f\\.linear.*|.*num_batches_tracked|queue.*"));
    Map<String, Tensor> given = PyTorchWideResNet.stateDict(graph);
    assertThat(given.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
    given.forEach(
        (name, tensor) -> {
          assertThat(tensor.shape()).as(name).containsExactly(expected.get(name).shape());
          assertThat(tensor.toFloats()).as(name).containsExactly(expected.get(name).toFloats());
        });
  }

  @Test
  void refuses_to_name_other_networks_as_a_wide_resnet() {
    ComputationGraph graph =
        ConvNet.of(4).initialize(new ImageShape(1, 8, 8), 2, RandomStreams.of(1));
    assertThatThrownBy(() -> PyTorchWideResNet.stateDict(graph))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "the published names are those of a WideResNet, with layers 'layer1.0.conv1' and 'class_output';"
                + " this network has [");
  }

  @Test
  void copies_arrays_of_any_order() {
    Tensor tensor =
        Tensor.of(Nd4j.createFromArray(1f, 2f, 3f, 4f, 5f, 6f).reshape(2, 3).transpose());
    assertThat(tensor.shape()).containsExactly(3, 2);
    assertThat(tensor.toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
    assertThat(Tensor.of(Nd4j.createFromArray(1.5, 2)).type()).isEqualTo(ElementType.FLOAT64);
    assertThat(Tensor.of(Nd4j.createFromArray(true, false)).toLongs()).containsExactly(1, 0);
    assertThatThrownBy(() -> Tensor.of(new float[3], 2, 2))
        .hasMessage("shape [2, 2] does not have the 3 elements given");
  }

  private Path file(String header, int bytes) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer content =
        ByteBuffer.allocate(8 + text.length + bytes).order(ByteOrder.LITTLE_ENDIAN);
    content.putLong(text.length).put(text);
    return Files.write(folder.resolve("bad.safetensors"), content.array());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}"
            + " | tensor 'b' begins at byte 4, expected 8, where the one before it ends",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}"
            + " | tensor 'a' begins at byte 4, expected 0, where the one before it ends",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"
            + " | its tensors end at byte 8 after the header, expected 12",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}"
            + " | its tensors end at byte 16 after the header, expected 12",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,12]}}"
            + " | tensor 'a' of FLOAT32 and shape [4] does not have the 12 bytes of its data_offsets",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,12]}}"
            + " | tensor 'a' of FLOAT32 and shape [4294967296, 4294967296] does not have the 12 bytes of its data_offsets",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,12]}}"
            + " | tensor 'a' has 'shape' [-1], expected whole numbers from 0",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[12,0]}}"
            + " | tensor 'a' has the data_offsets [12,0], expected a beginning and an end",
        "{\"a\":{\"dtype\":\"F31\",\"shape\":[3],\"data_offsets\":[0,12]}}"
            + " | tensor 'a' has the dtype \"F31\", expected one of [BF16, BOOL, F16, F32, F64, I16, I32, I64, I8, U8]",
        "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,12]}} | tensor 'a' has no array 'shape'",
        "{\"a\":{},\"a\":{}} | its header is not JSON: Duplicate field 'a'",
        "[1, 2, 3] | its header is not a JSON object",
        "{\"a\": | its header is not JSON: Unexpected end-of-input within/between Object entries",
        "{} {} | its header is not JSON: Trailing token (of type START_OBJECT) found after value (bound as `com.fasterxml.jackson.databind.JsonNode`): not allowed as per `DeserializationFeature.FAIL_ON_TRAILING_TOKENS`",
        "{\"__metadata__\":{\"a\":1}} | its __metadata__ is not an object of texts: 'a' is a NUMBER",
        "{\"__metadata__\":3} | its __metadata__ is not an object of texts"
      })
  void refuses_headers_that_do_not_fit(String header, String reason) throws IOException {
    Path bad = file(header, 12);
    assertThatThrownBy(() -> SafeTensors.read(bad))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot read the safetensors file " + bad + ": " + reason);
  }

  @Test
  void refuses_lengths_of_headers_before_setting_memory_aside() throws IOException {
    for (long length : new long[] {-1, 0, 1, 9, 1L << 40, Long.MAX_VALUE}) {
      Path bad =
          Files.write(
              folder.resolve("length.safetensors"),
              ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array());
      assertThatThrownBy(() -> SafeTensors.read(bad))
          .isInstanceOf(IOException.class)
          .hasMessageEndingWith(
              "its header would have " + Long.toUnsignedString(length) + " bytes, expected 2 to 8");
    }
  }

  @Test
  void refuses_files_that_are_too_short_or_not_there() throws IOException {
    Path empty = Files.write(folder.resolve("empty.safetensors"), new byte[3]);
    assertThatThrownBy(() -> SafeTensors.read(empty)).hasMessageEndingWith("it has 3 bytes only");
    assertThatThrownBy(() -> SafeTensors.read(folder.resolve("absent")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void refuses_a_tensor_of_the_name_of_metadata() {
    Map<String, Tensor> tensors = Map.of("__metadata__", Tensor.of(new float[1], 1));
    assertThatThrownBy(() -> SafeTensors.of(tensors, Map.of()))
        .hasMessage("no tensor may be named __metadata__");
  }
}
