package org.udge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.distribution.Distribution;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;

/** Model files of someone who means harm. None of them loads, and none of their code runs. */
class HostileModelFileTest {

  private static final AtomicBoolean RAN = new AtomicBoolean();

  @TempDir private Path folder;
  private Path file;

  /** Says so when it is read from a stream. */
  static final class Gadget implements Serializable {
    private static final long serialVersionUID = 1L;

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      in.defaultReadObject();
      RAN.set(true);
    }
  }

  /** Says so when it is looked for. */
  static class Initialized extends ActivationLayer {
    private static final long serialVersionUID = 1L;

    static {
      RAN.set(true);
    }
  }

  /** A layer of a user. */
  public static class OwnLayer extends ActivationLayer {
    private static final long serialVersionUID = 1L;

    public OwnLayer() {}
  }

  @BeforeEach
  void save() throws IOException {
    RAN.set(false);
    file = folder.resolve("model.zip");
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .weightInit(new WeightInitDistribution(new NormalDistribution(0, 0.1)))
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", new DenseLayer.Builder().nIn(4).nOut(100).build(), "in")
                .addLayer("relu", new ActivationLayer(Activation.RELU), "hidden")
                .addLayer(
                    "out",
                    new OutputLayer.Builder()
                        .nOut(11)
                        .hasBias(false)
                        .activation(Activation.SOFTMAX)
                        .build(),
                    "relu")
                .addLayer(
                    "rest",
                    new OutputLayer.Builder().nOut(2).activation(Activation.SOFTMAX).build(),
                    "out")
                .setOutputs("rest")
                .setInputTypes(InputType.feedForward(4))
                .build());
    graph.init();
    try (EnergyModel model =
        EnergyModel.builder(graph).engine(EngineSettings.of(EngineChoice.GRAPH)).build()) {
      model.save(file);
    }
  }

  private EnergyModel load() throws IOException {
    return EnergyModel.loader().engine(EngineSettings.of(EngineChoice.GRAPH)).load(file);
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertRefused() {
    return assertThatThrownBy(this::load)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("model.zip");
  }

  /** Writes the file again with other entries, all checksums right. */
  private void rewrite(Consumer<Map<String, byte[]>> change) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        try (InputStream in = zip.getInputStream(entry)) {
          entries.put(entry.getName(), in.readAllBytes());
        }
      }
    }
    change.accept(entries);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
      }
    }
  }

  private void rewriteConfiguration(UnaryOperator<String> change) throws IOException {
    rewrite(
        entries ->
            entries.computeIfPresent(
                "configuration.json",
                (name, old) -> {
                  String text = new String(old, StandardCharsets.UTF_8);
                  String changed = change.apply(text);
                  assertThat(changed).isNotEqualTo(text);
                  return changed.getBytes(StandardCharsets.UTF_8);
                }));
  }

  private void rewriteParameters(UnaryOperator<ByteBuffer> change) throws IOException {
    rewrite(
        entries ->
            entries.computeIfPresent(
                "coefficients.bin",
                (name, old) -> {
                  ByteBuffer changed = change.apply(ByteBuffer.wrap(old));
                  byte[] bytes = new byte[changed.remaining()];
                  changed.get(bytes);
                  return bytes;
                }));
  }

  /** Where the numbers of the shape start: after two texts and a length. */
  private static int shapeStart(ByteBuffer parameters) {
    int mode = 2 + parameters.getShort(0);
    return mode + Long.BYTES + 2 + parameters.getShort(mode + Long.BYTES);
  }

  private static int rank(ByteBuffer parameters) {
    return (int) parameters.getLong(shapeStart(parameters));
  }

  /** Where the length of the buffer of parameters is. */
  private static int lengthPosition(ByteBuffer parameters) {
    int data = shapeStart(parameters) + (2 * rank(parameters) + 4) * Long.BYTES;
    return data + 2 + parameters.getShort(data);
  }

  @Test
  void the_file_itself_is_sound() throws IOException {
    try (EnergyModel model = load()) {
      assertThat(model.classCount()).isEqualTo(2);
      assertThat(model.graph().numParams()).isEqualTo(4 * 100 + 100 + 100 * 11 + 11 * 2 + 2);
    }
  }

  @Test
  void a_preprocessor_is_not_deserialized() throws IOException {
    ByteArrayOutputStream gadget = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(gadget)) {
      out.writeObject(new Gadget());
    }
    rewrite(
        entries -> {
          entries.put("preprocessor.bin", gadget.toByteArray());
          entries.put("normalizer.bin", gadget.toByteArray());
        });
    load().close();
    assertThat(RAN).isFalse();
  }

  @Test
  void nothing_of_ours_can_deserialize_objects_or_calls_deeplearning4js_reader() {
    ArchRuleDefinition.noClasses()
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.io.ObjectInputStream")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("org.deeplearning4j.util.ModelSerializer")
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("org.udge"));
  }

  @Test
  void refuses_an_entry_that_the_directory_does_not_have() throws IOException {
    byte[] all = Files.readAllBytes(file);
    ByteArrayOutputStream other = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(other)) {
      zip.putNextEntry(new ZipEntry("preprocessor.bin"));
      zip.write(new byte[100]);
    }
    int end = all.length - 22;
    int directory = ByteBuffer.wrap(all).order(java.nio.ByteOrder.LITTLE_ENDIAN).getInt(end + 16);
    int hidden =
        ByteBuffer.wrap(other.toByteArray())
            .order(java.nio.ByteOrder.LITTLE_ENDIAN)
            .getInt(other.size() - 22 + 16);
    ByteBuffer changed = ByteBuffer.allocate(all.length + hidden);
    changed.put(all, 0, directory).put(other.toByteArray(), 0, hidden);
    changed.put(all, directory, all.length - directory);
    changed.order(java.nio.ByteOrder.LITTLE_ENDIAN).putInt(end + hidden + 16, directory + hidden);
    Files.write(file, changed.array());
    assertRefused().hasMessageContaining("that are in no entry");
  }

  @Test
  void refuses_a_class_by_name_before_it_is_initialized() throws IOException {
    rewriteConfiguration(
        json ->
            json.replace(
                "org.deeplearning4j.nn.conf.layers.ActivationLayer",
                "org.udge.HostileModelFileTest$Initialized"));
    assertRefused()
        .hasMessageContaining(
            "it names the class org.udge.HostileModelFileTest$Initialized, which is not part of a"
                + " network of Deeplearning4j or of this library. If you trust the file and the"
                + " class is yours, allow it:"
                + " EnergyModel.loader().allow(HostileModelFileTest.Initialized.class).load(file)");
    assertThat(RAN).isFalse();
  }

  @Test
  void refuses_a_class_whose_name_comes_in_another_form() throws IOException {
    String hostile = "org.udge.HostileModelFileTest$Initialized";
    rewriteConfiguration(
        json ->
            json.replaceFirst(
                "(\"activationFn\" : )\\{[^}]*}", "$1[\"" + quote(hostile) + "\", {}]"));
    assertRefused().hasMessageContaining("names the class " + hostile);
    assertThat(RAN).isFalse();
  }

  private static String quote(String name) {
    return name.replace("$", "\\$");
  }

  @Test
  void refuses_classes_of_distributions_and_type_arguments() throws IOException {
    Path intact = Files.copy(file, folder.resolve("intact.zip"));
    rewriteConfiguration(
        json -> json.replace(quoted(NormalDistribution.class.getName()), quoted("Evil")));
    assertRefused().hasMessageContaining("names the class Evil");
    Files.copy(intact, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    rewriteConfiguration(
        json ->
            json.replace(
                quoted(NormalDistribution.class.getName()),
                quoted(Distribution.class.getName() + "<org.udge.Evil>")));
    assertRefused().hasMessageContaining("<org.udge.Evil>");
  }

  private static String quoted(String name) {
    return '"' + name + '"';
  }

  @Test
  void reads_a_class_that_the_caller_allows() throws IOException {
    rewriteConfiguration(
        json ->
            json.replace(
                "org.deeplearning4j.nn.conf.layers.ActivationLayer", OwnLayer.class.getName()));
    assertRefused().hasMessageContaining("OwnLayer");
    try (EnergyModel model =
        EnergyModel.loader()
            .engine(EngineSettings.of(EngineChoice.GRAPH))
            .allow(OwnLayer.class)
            .load(file)) {
      assertThat(model.graph().getLayer("relu").conf().getLayer()).isInstanceOf(OwnLayer.class);
    }
  }

  @Test
  void refuses_other_strides() throws IOException {
    rewriteParameters(
        parameters ->
            parameters.putLong(
                shapeStart(parameters) + 2 * rank(parameters) * Long.BYTES, 100_000));
    assertRefused().hasMessageContaining("without gaps");
  }

  @Test
  void refuses_a_buffer_of_ten_numbers_for_all_parameters() throws IOException {
    rewriteParameters(
        parameters -> {
          int length = lengthPosition(parameters);
          parameters.putLong(length, 10);
          return parameters.limit(length + Long.BYTES + 2 + "FLOAT".length() + 10 * Float.BYTES);
        });
    assertRefused().hasMessageContaining("it holds 10 numbers, expected the network's 1624");
  }

  @Test
  void refuses_gigabytes_in_a_few_bytes() throws IOException {
    int units = 50_000_000;
    long claimed = 4L * units + units + 11L * units + 11 * 2 + 2;
    rewriteConfiguration(
        json ->
            json.replace("\"nout\" : 100,", "\"nout\" : " + units + ",")
                .replace("\"nin\" : 100,", "\"nin\" : " + units + ","));
    assertRefused().hasMessageContaining("expected a row vector of the network's " + claimed);
    rewriteParameters(
        parameters -> {
          parameters.putLong(shapeStart(parameters) + rank(parameters) * Long.BYTES, claimed);
          return parameters.putLong(lengthPosition(parameters), claimed);
        });
    assertRefused().hasMessageContaining("bytes, expected 32").hasMessageContaining("" + claimed);
  }

  @Test
  void refuses_sizes_whose_product_overflows() throws IOException {
    rewriteConfiguration(json -> json.replace("\"nout\" : 100", "\"nout\" : 4611686018427387904"));
    assertRefused().hasMessageContaining("too large to count its parameters");
  }

  @Test
  void refuses_arrays_whose_shape_is_not_that_of_their_numbers() throws IOException {
    rewriteConfiguration(
        json ->
            json.replaceFirst(
                "\"lossFn\" : \\{",
                "\"lossFn\" : { \"weights\" : { \"dataType\" : \"FLOAT\", \"shape\" : [\"1000000\"],"
                    + " \"data\" : [1.0] },"));
    assertRefused().hasMessageContaining("whose shape is that of");
  }

  @Test
  void refuses_zip_bombs() throws IOException {
    rewrite(entries -> entries.put("coefficients.bin", new byte[1 << 28]));
    assertRefused().hasMessageContaining("when unpacked");
    rewrite(
        entries -> {
          entries.put("coefficients.bin", new byte[10]);
          entries.put("configuration.json", new byte[1 << 24]);
        });
    assertRefused().hasMessageContaining("when unpacked");
  }

  @Test
  void refuses_deep_nesting() throws IOException {
    for (String name : new String[] {"configuration.json", "udge-model.json"}) {
      save();
      rewrite(
          entries ->
              entries.put(
                  name, ("{\"vertices\":" + "[".repeat(100_000)).getBytes(StandardCharsets.UTF_8)));
      assertRefused().hasMessageMatching("(?s).*(nested|nesting|Nesting|depth).*");
    }
  }

  @Test
  void refuses_parts_given_twice() throws IOException {
    rewriteConfiguration(json -> json.replaceFirst("\\{", "{ \"vertices\" : {},"));
    assertRefused().hasMessageContaining("Duplicate");
  }

  @Test
  void networks_of_thousands_of_vertices_are_within_the_limits() throws IOException {
    int count = 3000;
    rewriteConfiguration(
        json -> {
          StringBuilder vertices = new StringBuilder("\"vertices\" : {");
          StringBuilder inputs = new StringBuilder("\"vertexInputs\" : {");
          for (int i = 0; i < count; i++) {
            String input = i == 0 ? "in" : "v" + (i - 1);
            inputs.append(String.format("\"v%d\" : [\"%s\"], ", i, input));
            vertices.append(
                String.format(
                    "\"v%d\" : {\"@class\" : \"org.deeplearning4j.nn.conf.graph.MergeVertex\"}, ",
                    i));
          }
          return json.replaceAll("\"topologicalOrder(Str)?\" : \\[[^]]*\\],", "")
              .replace("\"vertices\" : {", vertices)
              .replace("\"vertexInputs\" : {", inputs);
        });
    try (EnergyModel model = load()) {
      assertThat(model.graph().getVertices()).hasSize(count + 5);
    }
  }

  @Test
  void a_network_of_nothing_but_zeros_is_no_bomb() throws IOException {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .weightInit(WeightInit.ZERO)
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", new DenseLayer.Builder().nIn(4).nOut(2_000_000).build(), "in")
                .addLayer(
                    "out",
                    new OutputLayer.Builder().nOut(2).activation(Activation.SOFTMAX).build(),
                    "hidden")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(4))
                .build());
    graph.init();
    try (EnergyModel model =
        EnergyModel.builder(graph).engine(EngineSettings.of(EngineChoice.GRAPH)).build()) {
      model.save(file);
    }
    try (EnergyModel model = load()) {
      assertThat(model.graph().numParams()).isEqualTo(14_000_002);
    }
  }
}
