package org.udge.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import org.udge.evaluation.features.LinearHead;

/** Reads the weights of a matrix product, and maybe a sum with a bias, that are constants. */
final class Head {

  private final Map<String, TensorProto> constants = new HashMap<>();
  private final Map<String, NodeProto> makers;

  /**
   * Collects the constants of a graph.
   *
   * @param makers the node that computes each tensor
   */
  Head(GraphProto graph, Map<String, NodeProto> makers) {
    this.makers = makers;
    for (NodeProto node : graph.getNodeList()) {
      if (node.getOpType().equals("Constant") && node.getOutputCount() == 1) {
        attribute(node, "value").ifPresent(a -> constants.put(node.getOutput(0), a.getT()));
      }
    }
    graph.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor));
  }

  /** A matrix by its rows. */
  private record Matrix(int rows, int columns, double[] numbers) {

    Matrix transposed() {
      double[] turned = new double[numbers.length];
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          turned[j * rows + i] = numbers[i * columns + j];
        }
      }
      return new Matrix(columns, rows, turned);
    }

    double[][] scaled(double factor) {
      double[][] scaled = new double[rows][];
      for (int i = 0; i < rows; i++) {
        scaled[i] =
            Arrays.stream(numbers, i * columns, (i + 1) * columns).map(x -> x * factor).toArray();
      }
      return scaled;
    }

    @Override
    public String toString() {
      return rows + "x" + columns;
    }
  }

  /**
   * What a product and a sum compute.
   *
   * @param product a {@code Gemm} or {@code MatMul}
   * @param bias constant that is added to it, if any
   * @return the head; empty if weights are computed, or are of a kind that is not read
   */
  Optional<LinearHead> of(NodeProto product, Optional<String> bias) {
    boolean gemm = product.getOpType().equals("Gemm");
    if (product.getInputCount() < 2 || (gemm && integer(product, "transA") != 0)) {
      return Optional.empty();
    }
    Optional<Matrix> given = matrix(product.getInput(1));
    if (given.isEmpty()) {
      return Optional.empty();
    }
    boolean classesFirst = gemm && integer(product, "transB") != 0;
    Matrix weights = classesFirst ? given.get() : given.get().transposed();
    double[] sum = new double[weights.rows()];
    boolean known = bias.map(name -> added(sum, name, 1)).orElse(true);
    if (gemm && product.getInputCount() > 2 && !product.getInput(2).isEmpty()) {
      known &= added(sum, product.getInput(2), number(product, "beta"));
    }
    double factor = gemm ? number(product, "alpha") : 1;
    boolean finite =
        Arrays.stream(weights.numbers()).allMatch(Double::isFinite)
            && Arrays.stream(sum).allMatch(Double::isFinite);
    return known && finite && weights.rows() > 1
        ? Optional.of(LinearHead.of(weights.scaled(factor), sum))
        : Optional.empty();
  }

  /** Adds a constant of one number, or one for each class. */
  private boolean added(double[] sum, String name, double factor) {
    Optional<double[]> numbers = Optional.ofNullable(constants.get(name)).flatMap(Head::numbers);
    if (numbers.isEmpty() || (numbers.get().length != 1 && numbers.get().length != sum.length)) {
      return false;
    }
    double[] summand = numbers.get();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * summand[summand.length == 1 ? 0 : i];
    }
    return true;
  }

  /** A constant, or the transpose of one, as exporters leave it that fold no constants. */
  private Optional<Matrix> matrix(String name) {
    NodeProto maker = makers.get(name);
    if (maker != null && maker.getOpType().equals("Transpose") && maker.getInputCount() == 1) {
      return constant(maker.getInput(0)).map(Matrix::transposed);
    }
    return constant(name);
  }

  private Optional<Matrix> constant(String name) {
    TensorProto tensor = constants.get(name);
    if (tensor == null || tensor.getDimsCount() != 2) {
      return Optional.empty();
    }
    long rows = tensor.getDims(0);
    long columns = tensor.getDims(1);
    return numbers(tensor)
        .filter(numbers -> rows > 0 && columns > 0 && rows * columns == numbers.length)
        .map(numbers -> new Matrix((int) rows, (int) columns, numbers));
  }

  /** The numbers of a tensor in single or double precision. */
  private static Optional<double[]> numbers(TensorProto tensor) {
    ByteBuffer raw =
        tensor.getRawData().asReadOnlyByteBuffer().slice().order(ByteOrder.LITTLE_ENDIAN);
    if (tensor.getDataType() == TensorProto.DataType.FLOAT_VALUE) {
      return tensor.hasRawData()
          ? numbers(raw.remaining() / Float.BYTES, i -> raw.getFloat(i * Float.BYTES))
          : numbers(tensor.getFloatDataCount(), tensor::getFloatData);
    }
    if (tensor.getDataType() == TensorProto.DataType.DOUBLE_VALUE) {
      return tensor.hasRawData()
          ? numbers(raw.remaining() / Double.BYTES, i -> raw.getDouble(i * Double.BYTES))
          : numbers(tensor.getDoubleDataCount(), tensor::getDoubleData);
    }
    return Optional.empty();
  }

  private static Optional<double[]> numbers(int count, IntToDoubleFunction number) {
    double[] numbers = new double[count];
    Arrays.setAll(numbers, number);
    return Optional.of(numbers);
  }

  private static Optional<AttributeProto> attribute(NodeProto node, String name) {
    List<AttributeProto> attributes = node.getAttributeList();
    return attributes.stream().filter(a -> a.getName().equals(name)).findFirst();
  }

  private static long integer(NodeProto node, String name) {
    return attribute(node, name).map(AttributeProto::getI).orElse(0L);
  }

  /** Factors of {@code Gemm} are 1 where they are not given. */
  private static double number(NodeProto node, String name) {
    return attribute(node, name).map(a -> (double) a.getF()).orElse(1.0);
  }
}
