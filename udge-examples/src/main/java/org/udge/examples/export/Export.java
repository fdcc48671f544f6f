package org.udge.examples.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.udge.EnergyModel;
import org.udge.Provenance;
import org.udge.examples.cli.Cli;
import org.udge.examples.cli.DebugOption;
import org.udge.examples.cli.EngineOptions;
import org.udge.examples.cli.GitCommit;
import org.udge.examples.models.LoadedModel;
import org.udge.examples.models.ModelOptions;
import org.udge.interop.NpzFile;
import org.udge.interop.PyTorchWideResNet;
import org.udge.interop.SafeTensors;
import org.udge.interop.Tensor;
import org.udge.onnx.OnnxExporter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes a model's parameters for other programs. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    header =
        "Writes a model for ONNX runtimes, or its parameters for PyTorch (safetensors) or NumPy"
            + " (npz).",
    description = {
      "",
      "--format onnx writes the whole network, of any architecture: the input is images, [N, C,"
          + " H, W]; the outputs are logits and penultimate features. Classes, range of pixels,"
          + " calibration, thresholds and origin are in the file's metadata.",
      "",
      "The other formats are for wide ResNets. Names and shapes are those of the published"
          + " program: f.conv1.weight, ..., class_output.bias."
          + " The metadata describe the network, its classes and its origin."
          + " udge-examples/src/main/python/load_in_pytorch.py loads it into plain PyTorch."
    })
public final class Export extends DebugOption implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin(name = "Model")
  private ModelOptions models;

  @Option(
      names = "--format",
      defaultValue = "safetensors",
      description = "onnx, safetensors or npz. Default: ${DEFAULT-VALUE}.")
  private Format format;

  @Option(names = "--output", description = "The file to write. Default: model.FORMAT.")
  private Path output;

  @Mixin(name = "Engine")
  private EngineOptions engine;

  /** The file formats. */
  public enum Format {
    /** Read by ONNX Runtime and others. */
    ONNX,
    /** Read by PyTorch, JAX and others. */
    SAFETENSORS,
    /** Read by NumPy. */
    NPZ
  }

  /** The command, for the runnable jar. */
  public Export() {}

  /**
   * Runs the command and exits the process.
   *
   * @param args its flags
   */
  public static void main(String... args) {
    Cli.runAndExit(new Export(), args);
  }

  @Override
  public Integer call() throws IOException {
    models.requireOne("export", spec.commandLine());
    models.requireFiles();
    String name = format.name().toLowerCase(Locale.ROOT);
    Path file = Optional.ofNullable(output).orElseGet(() -> Path.of("model." + name));
    try (LoadedModel loaded = models.read(engine, spec.commandLine())) {
      loaded.requireModel("export", spec.commandLine());
      EnergyModel model = loaded.model();
      if (format == Format.ONNX) {
        OnnxExporter.of(model)
            .withProvenance(
                loaded
                    .provenance()
                    .with("git", GitCommit.ofThisProgram())
                    .with("exported_from", source()))
            .write(file);
        spec.commandLine()
            .getOut()
            .printf(
                Locale.ROOT,
                "%s: operator set %d, %,d parameters%n",
                file,
                OnnxExporter.OPERATOR_SET,
                model.graph().numParams());
        return 0;
      }
      Map<String, Tensor> tensors = PyTorchWideResNet.stateDict(model.graph());
      Map<String, String> metadata = metadata(model, tensors);
      if (format == Format.SAFETENSORS) {
        SafeTensors.of(tensors, metadata).write(file);
      } else {
        NpzFile.write(file, tensors, metadata);
      }
      spec.commandLine()
          .getOut()
          .printf(
              Locale.ROOT,
              "%s: %d tensors, %,d numbers%n",
              file,
              tensors.size(),
              tensors.values().stream().mapToLong(Tensor::size).sum());
    }
    return 0;
  }

  private String source() {
    return models.paths.get(0).toAbsolutePath().getFileName().toString();
  }

  private Map<String, String> metadata(EnergyModel model, Map<String, Tensor> tensors) {
    Map<String, String> metadata = new LinkedHashMap<>();
    long blocks =
        tensors.keySet().stream()
            .filter(n -> n.matches("f\\.layer1\\.\\d+\\.conv1\\.weight"))
            .count();
    metadata.put("made_by", "udge " + Provenance.version());
    metadata.put("git", GitCommit.ofThisProgram());
    metadata.put("exported_from", source());
    metadata.put("architecture", "WideResNet");
    metadata.put("depth", String.valueOf(6 * blocks + 4));
    metadata.put("width", String.valueOf(tensors.get("f.layer1.0.conv1.weight").size(0) / 16));
    metadata.put("norm", norm(model.graph()));
    metadata.put("leaky_relu_slope", "0.2");
    metadata.put(
        "image_shape",
        json(List.of(model.shape().channels(), model.shape().height(), model.shape().width())));
    metadata.put("pixel_range", "[-1, 1]");
    metadata.put("class_names", json(model.classNames()));
    model
        .calibration()
        .ifPresent(calibration -> metadata.put("calibration", calibration.toString()));
    return metadata;
  }

  private static String norm(ComputationGraph graph) {
    if (!(graph.getConfiguration().getVertices().get("bn1") instanceof LayerVertex vertex)) {
      return "none";
    }
    // BatchNormalization, InstanceNormalization, ...
    return vertex
        .getLayerConf()
        .getLayer()
        .getClass()
        .getSimpleName()
        .replace("Normalization", "")
        .toLowerCase(Locale.ROOT);
  }

  private static String json(Object value) {
    try {
      return new ObjectMapper().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
