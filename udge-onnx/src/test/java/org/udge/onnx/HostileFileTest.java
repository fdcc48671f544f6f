package org.udge.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.EnergyModel;
import org.udge.fuzz.Fuzz;
import org.udge.fuzz.Mutators;
import org.udge.network.ConvNet;
import org.udge.random.RandomStream;

/** Files of strangers. */
class HostileFileTest {

  @TempDir private Path folder;

  private Path write(ModelProto.Builder model) throws IOException {
    Path file = folder.resolve("model.onnx");
    Files.write(file, model.build().toByteArray());
    return file;
  }

  private static GraphProto.Builder sound() {
    return Protos.classifier().addOutput(Protos.output("scores"));
  }

  private static TensorProto external(String name) {
    return Protos.weights(name, 3).toBuilder()
        .clearFloatData()
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(
            StringStringEntryProto.newBuilder().setKey("location").setValue("../../etc/passwd"))
        .build();
  }

  private static AttributeProto attribute(GraphProto graph) {
    return AttributeProto.newBuilder()
        .setName("then_branch")
        .setType(AttributeProto.AttributeType.GRAPH)
        .setG(graph)
        .build();
  }

  @Test
  void tensors_in_other_files_are_refused_wherever_they_hide() throws IOException {
    NodeProto constant =
        Protos.node("Constant", "c")
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("value")
                    .setType(AttributeProto.AttributeType.TENSOR)
                    .setT(external("hidden")))
            .build();
    GraphProto inner = GraphProto.newBuilder().setName("inner").addNode(constant).build();
    TensorProto halfSaid =
        external("hidden").toBuilder().setDataLocation(TensorProto.DataLocation.DEFAULT).build();
    for (GraphProto.Builder graph :
        List.of(
            sound().addInitializer(external("hidden")),
            sound().addInitializer(halfSaid),
            sound().addNode(constant),
            sound().addNode(Protos.node("If", "i", "flat").addAttribute(attribute(inner))))) {
      Path file = write(Protos.model(graph));
      assertThatThrownBy(() -> OnnxClassifier.load(file))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(
              "ONNX file " + file + " is refused: data of tensor 'hidden' are in another file");
    }
  }

  @Test
  void operators_outside_of_onnx_are_refused_unless_they_are_allowed() throws IOException {
    Path file =
        write(
            Protos.model(
                sound().addNode(Protos.node("Gelu", "g", "scores").setDomain("com.microsoft"))));
    assertThatThrownBy(() -> OnnxClassifier.load(file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "ONNX file "
                + file
                + " is refused: it uses operator com.microsoft.Gelu, which is not part of ONNX: see"
                + " OnnxLoader.allowDomain");
    Path reading =
        write(
            Protos.model(
                sound()
                    .addNode(Protos.node("EPContext", "g", "scores").setDomain("com.microsoft"))));
    assertThatThrownBy(() -> OnnxClassifier.loader().allowDomain("com.microsoft").load(reading))
        .hasMessageEndingWith("operator EPContext reads other files");
  }

  @Test
  void what_the_schema_does_not_know_never_reaches_onnx_runtime() throws IOException {
    ModelProto.Builder model =
        Protos.model(sound())
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        1000,
                        UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(ByteString.copyFromUtf8("hidden"))
                            .build())
                    .build());
    Path file = write(model);
    assertThat(OnnxFile.read(file, 1000_000, java.util.Set.of()).model().toByteString())
        .isEqualTo(
            model.setUnknownFields(UnknownFieldSet.getDefaultInstance()).build().toByteString());
  }

  @Test
  void files_that_are_too_long_absent_or_no_models_are_named() throws IOException {
    Path file = write(Protos.model(sound()));
    long size = Files.size(file);
    assertThatThrownBy(() -> OnnxClassifier.loader().largestFile(100).load(file))
        .isInstanceOf(IOException.class)
        .hasMessage("ONNX file " + file + " has " + size + " bytes, at most 100 are read");
    Path absent = folder.resolve("absent.onnx");
    assertThatThrownBy(() -> OnnxClassifier.load(absent))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(absent + ": no such ONNX file");
    assertThatThrownBy(() -> OnnxClassifier.load(folder))
        .isInstanceOf(IOException.class)
        .hasMessage(folder + " is not a file: expected an ONNX model");
    Path text = folder.resolve("text.onnx");
    Files.writeString(text, "not a model");
    assertThatThrownBy(() -> OnnxClassifier.load(text))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("file " + text + " is not an ONNX model");
    Path empty = folder.resolve("empty.onnx");
    Files.write(empty, new byte[0]);
    assertThatThrownBy(() -> OnnxClassifier.load(empty))
        .hasMessage("file " + empty + " is not an ONNX model: it holds no graph");
  }

  @Test
  void graphs_that_run_in_circles_are_refused() throws IOException {
    Path file =
        write(
            Protos.model(
                Protos.classifier()
                    .addNode(Protos.node("Identity", "a", "b"))
                    .addNode(Protos.node("Identity", "b", "a"))
                    .addOutput(Protos.output("a"))));
    assertThatThrownBy(() -> OnnxClassifier.load(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ONNX Runtime refuses its graph");
  }

  private static ModelProto.Builder saying(String key, String value) {
    return Protos.model(sound())
        .addMetadataProps(StringStringEntryProto.newBuilder().setKey("udge.format").setValue("1"))
        .addMetadataProps(
            StringStringEntryProto.newBuilder().setKey("udge." + key).setValue(value));
  }

  @Test
  void metadata_that_make_no_sense_are_refused() throws IOException {
    String[][] wrong = {
      {"format", "1", "metadata udge.format is given twice"},
      {"class_names", "[\"a\"", "metadata udge.class_names is not JSON"},
      {"class_names", "[1, 2]", "metadata udge.class_names must be a list of texts"},
      {"class_names", "[\"a\"]", "the network has 3 classes, but 1 were named"},
      {"image_shape", "[1, 2]", "metadata udge.image_shape must be a list of 3 numbers"},
      {"image_shape", "[0, 2, 2]", "channels must be at least 1, was 0"},
      {"pixel_range", "[1, 0]", "the range of pixels must be finite and ascending"},
      {"calibration", "{\"scale\": [1]}", "scale and bias must be of equal length"},
      {"calibration", "{\"scale\": [1], \"bias\": [0]}", "calibration is for 1 classes"},
      {"thresholds", "[{\"value\": 1}]", "must be a list of objects with score and value"},
      {"logits", "\"nowhere\"", "its graph has no tensor 'nowhere'"},
      {"logits", "7", "metadata udge.logits must be a text"},
    };
    for (String[] one : wrong) {
      Path file = write(saying(one[0], one[1]));
      assertThatThrownBy(() -> OnnxClassifier.load(file))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("ONNX file " + file + " cannot be used: ")
          .hasMessageContaining(one[2]);
    }
    Path newer =
        write(
            Protos.model(sound())
                .addMetadataProps(
                    StringStringEntryProto.newBuilder().setKey("udge.format").setValue("2")));
    assertThatThrownBy(() -> OnnxClassifier.load(newer))
        .hasMessageEndingWith(
            "its metadata have format 2, this version reads up to 1: use a newer version of this"
                + " library");
  }

  /** Changes a field of the model and leaves it one that protobuf can read. */
  private static byte[] field(byte[] seed, RandomStream random) {
    try {
      ModelProto.Builder model = ModelProto.parseFrom(seed).toBuilder();
      GraphProto.Builder graph = model.getGraphBuilder();
      int node = random.nextInt(Math.max(1, graph.getNodeCount()));
      int weights = random.nextInt(Math.max(1, graph.getInitializerCount()));
      switch (random.nextInt(7)) {
        case 0 -> graph.getNodeBuilder(node).clearInput();
        case 1 -> graph.addNode(graph.getNode(node));
        case 2 -> graph.removeNode(node);
        case 3 -> graph.getInitializerBuilder(weights).setDims(0, random.nextInt(1 << 30));
        case 4 -> graph.getInitializerBuilder(weights).setDataType(random.nextInt(20));
        case 5 ->
            model
                .getMetadataPropsBuilder(random.nextInt(model.getMetadataPropsCount()))
                .setValue(
                    new String(Mutators.json("[1, {\"a\": \"b\"}, -3e9]".getBytes(), random)));
        default -> graph.getNodeBuilder(node).setOpType(graph.getNode(0).getOpType());
      }
      return model.build().toByteArray();
    } catch (IOException | IndexOutOfBoundsException | IllegalArgumentException e) {
      // An earlier change left nothing to change here.
      return Mutators.bytes(seed, random);
    }
  }

  @Test
  void damaged_files_end_well() throws IOException {
    Path file = folder.resolve("seed.onnx");
    try (EnergyModel model = Images.model(ConvNet.of(2), Images.SMALL)) {
      OnnxExporter.of(model).write(file);
    }
    byte[] exported = Files.readAllBytes(file);
    byte[] foreign = Files.readAllBytes(write(Protos.model(sound())));
    Fuzz.of("onnx", mutant -> OnnxClassifier.loader().threads(1).load(mutant).close())
        .seed(exported)
        .seed(foreign)
        .mutator(Mutators::bytes)
        .mutator(Mutators.join(List.of(exported, foreign)))
        .mutator(HostileFileTest::field)
        .run(folder);
  }
}
