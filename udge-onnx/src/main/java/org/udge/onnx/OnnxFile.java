package org.udge.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.common.hash.Hashing;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.udge.internal.Texts;

/**
 * Reads untrusted files, and refuses anything that refers outside of them: tensors whose data are
 * in other files, and operators that are not part of ONNX.
 *
 * <p>Fields that this version of the schema does not define are removed, so that nothing reaches
 * ONNX Runtime unchecked.
 */
final class OnnxFile {

  /** The maximum length of a protobuf message. */
  static final long LARGEST = Integer.MAX_VALUE - 64L;

  /** ONNX's own operators, and those of classical models. */
  private static final Set<String> STANDARD = Set.of("", "ai.onnx", "ai.onnx.ml");

  private final Path file;
  private final Set<String> domains;

  private OnnxFile(Path file, Set<String> domains) {
    this.file = file;
    this.domains = domains;
  }

  /** The content of a file, and the SHA-256 of its bytes. */
  record Content(ModelProto model, String hash) {}

  /**
   * Reads a file.
   *
   * @param domains operator domains that are allowed in addition to ONNX's own
   * @throws IOException if it is absent, too large, damaged, or not to be trusted
   */
  static Content read(Path file, long largest, Set<String> domains) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString(), null, "no such ONNX file");
    }
    if (!Files.isRegularFile(file)) {
      throw new IOException(file + " is not a file: expected an ONNX model");
    }
    long size = Files.size(file);
    if (size > largest) {
      throw new IOException(
          "ONNX file " + file + " has " + size + " bytes, at most " + largest + " are read");
    }
    byte[] content = Files.readAllBytes(file);
    ModelProto model = parse(file, content);
    new OnnxFile(file, domains).check(model);
    return new Content(model, Hashing.sha256().hashBytes(content).toString());
  }

  private static ModelProto parse(Path file, byte[] content) throws IOException {
    CodedInputStream in = UnsafeByteOperations.unsafeWrap(content).newCodedInput();
    // Weights are views of the content, not copies.
    in.enableAliasing(true);
    try {
      ModelProto model = DiscardUnknownFieldsParser.wrap(ModelProto.parser()).parseFrom(in);
      if (!model.hasGraph() || model.getGraph().getNodeCount() == 0) {
        throw new IOException("file " + file + " is not an ONNX model: it holds no graph");
      }
      return model;
    } catch (InvalidProtocolBufferException e) {
      throw new IOException(
          "file "
              + file
              + " is not an ONNX model, or is damaged: "
              + Texts.shortenReason(String.valueOf(e.getMessage())),
          e);
    }
  }

  private void check(ModelProto model) throws IOException {
    if (model.getTrainingInfoCount() > 0) {
      throw refused("it holds a training graph, not only a classifier");
    }
    check(model.getGraph());
    for (FunctionProto function : model.getFunctionsList()) {
      checkNodes(function.getNodeList());
      checkAttributes(function.getAttributeProtoList());
    }
  }

  private void check(GraphProto graph) throws IOException {
    for (TensorProto tensor : graph.getInitializerList()) {
      check(tensor);
    }
    for (SparseTensorProto tensor : graph.getSparseInitializerList()) {
      check(tensor);
    }
    checkNodes(graph.getNodeList());
  }

  private void checkNodes(List<NodeProto> nodes) throws IOException {
    for (NodeProto node : nodes) {
      String operator =
          node.getDomain() + (node.getDomain().isEmpty() ? "" : ".") + node.getOpType();
      if (!STANDARD.contains(node.getDomain()) && !domains.contains(node.getDomain())) {
        throw refused(
            "it uses operator "
                + Texts.shorten(operator)
                + ", which is not part of ONNX: see OnnxLoader.allowDomain");
      }
      if (node.getOpType().equals("EPContext")) {
        throw refused("operator EPContext reads other files");
      }
      checkAttributes(node.getAttributeList());
    }
  }

  private void checkAttributes(List<AttributeProto> attributes) throws IOException {
    for (AttributeProto attribute : attributes) {
      if (attribute.hasT()) {
        check(attribute.getT());
      }
      for (TensorProto tensor : attribute.getTensorsList()) {
        check(tensor);
      }
      if (attribute.hasSparseTensor()) {
        check(attribute.getSparseTensor());
      }
      for (SparseTensorProto tensor : attribute.getSparseTensorsList()) {
        check(tensor);
      }
      if (attribute.hasG()) {
        check(attribute.getG());
      }
      for (GraphProto graph : attribute.getGraphsList()) {
        check(graph);
      }
    }
  }

  private void check(SparseTensorProto tensor) throws IOException {
    check(tensor.getValues());
    check(tensor.getIndices());
  }

  private void check(TensorProto tensor) throws IOException {
    if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL
        || tensor.getExternalDataCount() > 0) {
      throw refused(
          "data of tensor '"
              + Texts.shorten(tensor.getName())
              + "' are in another file: save the model as one file"
              + " (onnx.save_model(model, path, save_as_external_data=False))");
    }
  }

  private IOException refused(String why) {
    return new IOException("ONNX file " + file + " is refused: " + why);
  }
}
