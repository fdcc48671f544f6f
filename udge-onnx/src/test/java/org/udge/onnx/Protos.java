package org.udge.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.udge.random.RandomStreams;

/** Graphs as other programs write them: images of 1 x 2 x 2, three classes. */
final class Protos {

  private Protos() {}

  /**
   * Flatten, a fully connected layer of 5, ReLU, one of 3: tensor "scores". Outputs are up to you.
   */
  static GraphProto.Builder classifier(long... sizes) {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("main")
            .addInput(tensor("x", TensorProto.DataType.FLOAT, sizes))
            .addInitializer(weights("w1", 4, 5))
            .addInitializer(weights("b1", 5))
            .addInitializer(weights("w2", 5, 3))
            .addInitializer(weights("b2", 3));
    return graph
        .addNode(node("Flatten", "flat", "x"))
        .addNode(node("Gemm", "hidden", "flat", "w1", "b1"))
        .addNode(node("Relu", "active", "hidden"))
        .addNode(node("MatMul", "product", "active", "w2"))
        .addNode(node("Add", "scores", "product", "b2"));
  }

  static GraphProto.Builder classifier() {
    return classifier(0, 1, 2, 2);
  }

  static ModelProto.Builder model(GraphProto.Builder graph) {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .setGraph(graph);
  }

  static NodeProto.Builder node(String type, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(type)
        .setName(output)
        .addAllInput(List.of(inputs))
        .addOutput(output);
  }

  static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  static AttributeProto number(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  /** A size of 0 stands for any. */
  static ValueInfoProto tensor(String name, TensorProto.DataType type, long... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long size : sizes) {
      shape.addDim(
          size == 0
              ? TensorShapeProto.Dimension.newBuilder().setDimParam("any")
              : TensorShapeProto.Dimension.newBuilder().setDimValue(size));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(shape)))
        .build();
  }

  static ValueInfoProto output(String name) {
    return tensor(name, TensorProto.DataType.FLOAT, 0, 3);
  }

  static TensorProto weights(String name, long... sizes) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT.getNumber());
    int length = 1;
    for (long size : sizes) {
      tensor.addDims(size);
      length *= (int) size;
    }
    float[] values = new float[length];
    RandomStreams.of(1).stream(name).fillUniform(values, -1, 1);
    for (float value : values) {
      tensor.addFloatData(value);
    }
    return tensor.build();
  }

  /** The same in bytes, as most programs write them. */
  static TensorProto raw(String name, long... sizes) {
    TensorProto weights = weights(name, sizes);
    ByteBuffer bytes =
        ByteBuffer.allocate(weights.getFloatDataCount() * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    weights.getFloatDataList().forEach(bytes::putFloat);
    return weights.toBuilder()
        .clearFloatData()
        .setRawData(ByteString.copyFrom(bytes.flip()))
        .build();
  }
}
