package org.udge.onnx;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.udge.EnergyModel;
import org.udge.Provenance;
import org.udge.data.ImageShape;
import org.udge.engine.nodes.Network;
import org.udge.engine.nodes.NetworkReader;

/**
 * Writes models as ONNX files: the network in evaluation mode, with metadata.
 *
 * <pre>{@code
 * OnnxExporter.of(model).write(folder.resolve("model.onnx"));
 * }</pre>
 *
 * <p>The input of the graph is {@code images}, float32 [N, C, H, W] ([N, F] for tables that are the
 * input of dense layers) for any N. The outputs are {@code logits}, [N, classes], uncalibrated,
 * and, if the network ends in a fully connected layer, {@code features}, [N, features], the input
 * of that layer. Operators are those of ONNX's operator set {@value #OPERATOR_SET}, in a file of IR
 * version {@value #IR_VERSION}: every runtime since 2022 supports them. Weights are in the file,
 * which may have up to 2 GiB.
 *
 * <p>{@code metadata_props} holds, as JSON, {@code udge.class_names}, {@code udge.image_shape},
 * {@code udge.pixel_range}, {@code udge.preprocessing} (how bytes become pixels), {@code
 * udge.calibration}, {@code udge.thresholds} and {@code udge.provenance}. {@link
 * OnnxClassifier#load} reads them back.
 *
 * <p>Needs no ONNX Runtime. Immutable and thread-safe, as long as nobody changes the model's
 * parameters.
 */
public final class OnnxExporter {

  /** The version of ONNX's operators that is written. */
  public static final int OPERATOR_SET = 17;

  /** The version of ONNX's files that is written. */
  public static final int IR_VERSION = 8;

  private final EnergyModel model;
  private final Provenance provenance;

  private OnnxExporter(EnergyModel model, Provenance provenance) {
    this.model = model;
    this.provenance = provenance;
  }

  /**
   * Exports a model.
   *
   * @param model the model; the caller keeps ownership
   * @return the exporter
   */
  public static OnnxExporter of(EnergyModel model) {
    return new OnnxExporter(model, Provenance.capture(model.engine()));
  }

  /**
   * With another description of the model's origin.
   *
   * @param other default {@code Provenance.capture(model.engine())}
   * @return a changed copy
   */
  public OnnxExporter withProvenance(Provenance other) {
    return new OnnxExporter(model, requireNonNull(other));
  }

  /**
   * Writes the file. It appears under its name only when complete.
   *
   * @param file the file to write; replaced if it exists
   * @throws IOException if it cannot be written
   * @throws org.udge.engine.UnsupportedNetworkException if a layer cannot be expressed in ONNX; the
   *     message names it
   * @throws IllegalArgumentException if the model has more than 2 GiB of parameters
   * @throws IllegalStateException if the shape of the model's images is not known
   */
  public void write(Path file) throws IOException {
    OnnxClassifier.write(toProto(), file);
  }

  private ModelProto toProto() {
    ImageShape shape = model.shape();
    long bytes = Float.BYTES * model.graph().numParams();
    checkArgument(
        bytes < OnnxFile.LARGEST,
        "an ONNX file has at most %s bytes, the parameters of this model have %s",
        OnnxFile.LARGEST,
        bytes);
    Network network = NetworkReader.read("onnx", model.graph()).withoutDropout();
    NodeWriter writer = new NodeWriter(network, shape, model.graph().params());
    GraphProto graph = writer.write(model.pixelRange());
    ModelProto.Builder proto =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPERATOR_SET))
            .setProducerName("udge")
            .setProducerVersion(Provenance.version())
            .setGraph(graph);
    new OnnxMetadata(
            Optional.of(NodeWriter.LOGITS),
            graph.getOutputCount() > 1 ? Optional.of(NodeWriter.FEATURES) : Optional.empty(),
            model.classNames(),
            Optional.of(shape),
            model.pixelRange(),
            model.calibration(),
            model.thresholds(),
            provenance.entries())
        .write(proto);
    return proto.build();
  }
}
