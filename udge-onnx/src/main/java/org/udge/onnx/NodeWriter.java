package org.udge.onnx;

import static java.util.Objects.requireNonNull;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.engine.UnsupportedNetworkException;
import org.udge.engine.nodes.ActivationFunction;
import org.udge.engine.nodes.Network;
import org.udge.engine.nodes.Node;
import org.udge.engine.nodes.Window;
import org.udge.internal.HostImages;

/** Expresses a network in ONNX operators. For single use. */
final class NodeWriter {

  static final String IMAGES = "images";
  static final String LOGITS = "logits";
  static final String FEATURES = "features";

  private static final Set<String> RESERVED = Set.of(IMAGES, LOGITS, FEATURES);

  private final Network network;
  private final Map<String, ImageShape> shapes;
  private final float[] parameters;
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("udge");
  private final Map<String, String> tensors = new HashMap<>();

  /** Tensors of [N, C] rather than [N, C, H, W]. */
  private final Set<String> flat = new HashSet<>();

  /** Flat tensors as [N, C, 1, 1], each for one consumer, which may read it more than once. */
  private final Set<String> shaped = new HashSet<>();

  NodeWriter(Network network, ImageShape images, INDArray parameters) {
    this.network = network;
    this.shapes = network.shapes(images);
    this.parameters = HostImages.copy(parameters);
  }

  /** The graph. */
  GraphProto write(Optional<PixelRange> pixels) {
    images(pixels);
    List<Node> nodes = network.nodes();
    for (Node node : nodes.subList(1, nodes.size() - 1)) {
      write(node, tensorOf(node.name()));
    }
    Node last = network.logits();
    if (last instanceof Node.Dense classifier) {
      String features = tensors(classifier.input());
      operator(flat.contains(features) ? "Identity" : "Flatten", FEATURES, List.of(features));
      product(classifier, FEATURES, LOGITS);
      output(LOGITS, classifier.featuresOut());
      output(FEATURES, classifier.featuresIn());
    } else {
      String before = LOGITS + "/shaped";
      write(last, before);
      operator(flat.contains(before) ? "Identity" : "Flatten", LOGITS, List.of(before));
      output(LOGITS, shape(last.name()).size());
    }
    return graph.build();
  }

  private void images(Optional<PixelRange> pixels) {
    String name = network.images().name();
    ImageShape shape = shape(name);
    boolean isTable =
        shape.height() == 1
            && shape.width() == 1
            && network.nodes().stream()
                .filter(node -> node.inputs().contains(name))
                .allMatch(Node.Dense.class::isInstance);
    TensorShapeProto.Builder sizes = TensorShapeProto.newBuilder().addDim(dimension("N"));
    sizes.addDim(dimension(shape.channels()));
    if (isTable) {
      flat.add(IMAGES);
    } else {
      sizes.addDim(dimension(shape.height())).addDim(dimension(shape.width()));
    }
    String doc =
        pixels
            .map(
                range ->
                    String.format(
                        Locale.ROOT,
                        "Pixels in %s: byte * %s + %s.",
                        range,
                        (range.high() - range.low()) / 255,
                        range.low()))
            .orElse("");
    graph.addInput(tensor(IMAGES, sizes).setDocString(doc));
    tensors.put(name, IMAGES);
  }

  private static ValueInfoProto.Builder tensor(String name, TensorShapeProto.Builder sizes) {
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT_VALUE)
                        .setShape(sizes)));
  }

  private static TensorShapeProto.Dimension.Builder dimension(String name) {
    return TensorShapeProto.Dimension.newBuilder().setDimParam(name);
  }

  private static TensorShapeProto.Dimension.Builder dimension(long size) {
    return TensorShapeProto.Dimension.newBuilder().setDimValue(size);
  }

  private void output(String name, int size) {
    graph.addOutput(
        tensor(name, TensorShapeProto.newBuilder().addDim(dimension("N")).addDim(dimension(size))));
  }

  private ImageShape shape(String node) {
    return requireNonNull(shapes.get(node), node);
  }

  private String tensors(String node) {
    return requireNonNull(tensors.get(node), node);
  }

  private String tensorOf(String node) {
    return RESERVED.contains(node) ? node + "/layer" : node;
  }

  private void write(Node node, String result) {
    if (node instanceof Node.Convolution convolution) {
      convolution(convolution, result);
    } else if (node instanceof Node.Deconvolution deconvolution) {
      deconvolution(deconvolution, result);
    } else if (node instanceof Node.Dense dense) {
      dense(dense, result);
    } else if (node instanceof Node.Activation activation) {
      activation(activation.function(), tensors(activation.input()), result);
    } else if (node instanceof Node.Add add) {
      joined("Sum", add, result);
    } else if (node instanceof Node.Product product) {
      joined("Mul", product, result);
    } else if (node instanceof Node.Maximum maximum) {
      joined("Max", maximum, result);
    } else if (node instanceof Node.Concatenate concatenate) {
      joined("Concat", concatenate, result).addAttribute(integer("axis", 1));
    } else if (node instanceof Node.BatchNorm norm) {
      batchNorm(norm, result);
    } else if (node instanceof Node.InstanceNorm norm) {
      instanceNorm(norm, result);
    } else if (node instanceof Node.LayerNorm norm) {
      layerNorm(norm, result);
    } else if (node instanceof Node.ActNorm norm) {
      actNorm(norm, result);
    } else if (node instanceof Node.UnitNorm norm) {
      unitNorm(norm, result);
    } else if (node instanceof Node.LocalResponseNorm norm) {
      localResponseNorm(norm, result);
    } else if (node instanceof Node.ParametricRelu relu) {
      parametricRelu(relu, result);
    } else if (node instanceof Node.Reshape reshape) {
      reshaped(tensors(reshape.input()), result, sizes(reshape.shape()));
    } else if (node instanceof Node.Border border) {
      border(border, result);
    } else if (node instanceof Node.Upsample upsample) {
      upsample(upsample, result);
    } else if (node instanceof Node.Pool pool) {
      pool(pool, result);
    } else if (node instanceof Node.GlobalPool pool) {
      globalPool(pool, result);
    } else {
      throw new UnsupportedNetworkException(
          "onnx", node.name(), "there is no ONNX operator for " + node.getClass().getSimpleName());
    }
    tensors.put(node.name(), result);
  }

  private void convolution(Node.Convolution node, String result) {
    long[] kernel = node.window().kernels();
    String weights =
        constant(
            result + "/weights",
            weights(node),
            node.channelsOut(),
            node.channelsIn() / node.groups(),
            kernel[0],
            kernel[1]);
    moving(
        operator(
                "Conv",
                result,
                withBias(
                    List.of(spatial(node.input(), result), weights),
                    node.bias(),
                    node.channelsOut(),
                    result))
            .addAttribute(integer("group", node.groups())),
        node.window(),
        shape(node.input()));
  }

  /** In ONNX's order: [out, in / groups, kernel rows, kernel columns]. */
  private float[] weights(Node.Convolution node) {
    int taps = (int) (node.window().kernels()[0] * node.window().kernels()[1]);
    int in = node.channelsIn();
    int out = node.channelsOut();
    float[] given = slice(node.weights(), out * (in / node.groups()) * taps);
    if (node.order() == Node.WeightOrder.OUT_IN_KERNEL) {
      return given;
    }
    float[] ordered = new float[given.length];
    int multiplier = Math.max(1, out / in);
    for (int i = 0; i < ordered.length; i++) {
      int tap = i % taps;
      int rest = i / taps;
      int at =
          switch (node.order()) {
            case IN_OUT_KERNEL -> (rest % in * out + rest / in) * taps + tap;
            case OUT_KERNEL_IN -> (rest / in * taps + tap) * in + rest % in;
            case KERNEL_IN_MULTIPLIER -> tap * out + rest;
            case MULTIPLIER_IN_KERNEL -> (rest % multiplier * in + rest / multiplier) * taps + tap;
            case OUT_IN_KERNEL -> i;
          };
      ordered[i] = given[at];
    }
    return ordered;
  }

  private void deconvolution(Node.Deconvolution node, String result) {
    long[] kernel = node.window().kernels();
    String weights =
        parameters(
            result + "/weights",
            node.weights(),
            node.channelsIn(),
            node.channelsOut(),
            kernel[0],
            kernel[1]);
    ImageShape input = shape(node.input());
    ImageShape output = shape(node.name());
    NodeProto.Builder operator =
        operator(
            "ConvTranspose",
            result,
            withBias(
                List.of(spatial(node.input(), result), weights),
                node.bias(),
                node.channelsOut(),
                result));
    // The padding is that of the convolution from the output to the input.
    moving(operator, node.window(), output);
    operator.addAttribute(
        integers(
            "output_padding",
            missing(node.window().rows(), input.height(), output.height()),
            missing(node.window().columns(), input.width(), output.width())));
  }

  /** Output pixels that no kernel tap reaches. */
  private static long missing(Window.Axis axis, int input, int output) {
    return output
        - ((long) (input - 1) * axis.stride()
            + axis.reach()
            - axis.before(output)
            - axis.after(output));
  }

  private void dense(Node.Dense node, String result) {
    String input = tensors(node.input());
    if (!flat.contains(input)) {
      operator("Flatten", result + "/flat", List.of(input));
      input = result + "/flat";
    }
    product(node, input, result);
  }

  private void product(Node.Dense node, String input, String result) {
    String weights =
        parameters(result + "/weights", node.weights(), node.featuresOut(), node.featuresIn());
    flat.add(result);
    operator(
            "Gemm",
            result,
            withBias(List.of(input, weights), node.bias(), node.featuresOut(), result))
        .addAttribute(integer("transB", 1));
  }

  private List<String> withBias(
      List<String> inputs, OptionalLong bias, int channels, String result) {
    return bias.isEmpty()
        ? inputs
        : List.of(
            inputs.get(0), inputs.get(1), parameters(result + "/bias", bias.getAsLong(), channels));
  }

  private void activation(ActivationFunction function, String input, String result) {
    switch (function.kind()) {
      case RELU -> {
        if (function.alpha() == 0) {
          same("Relu", result, input);
        } else {
          same("LeakyRelu", result, input).addAttribute(real("alpha", function.alpha()));
        }
      }
      case ELU -> same("Elu", result, input).addAttribute(real("alpha", function.alpha()));
      case CLIP ->
          same(
              "Clip",
              result,
              input,
              scalar(result + "/least", function.alpha()),
              scalar(result + "/greatest", function.beta()));
      case LINEAR -> {
        same("Mul", result + "/scaled", input, scalar(result + "/scale", function.alpha()));
        same("Add", result, result + "/scaled", scalar(result + "/shift", function.beta()));
      }
      case SWISH -> {
        same("Mul", result + "/scaled", input, scalar(result + "/scale", function.alpha()));
        same("Sigmoid", result + "/sigmoid", result + "/scaled");
        same("Mul", result, input, result + "/sigmoid");
      }
      case TANH -> same("Tanh", result, input);
      case SIGMOID -> same("Sigmoid", result, input);
      case SOFTPLUS -> same("Softplus", result, input);
      case MISH -> {
        same("Softplus", result + "/softplus", input);
        same("Tanh", result + "/tanh", result + "/softplus");
        same("Mul", result, input, result + "/tanh");
      }
      case CUBE -> {
        same("Mul", result + "/square", input, input);
        same("Mul", result, result + "/square", input);
      }
    }
  }

  private String scalar(String name, double value) {
    return constant(name, new float[] {(float) value});
  }

  /** An operator with several inputs of the same rank. */
  @CanIgnoreReturnValue
  private NodeProto.Builder joined(String type, Node node, String result) {
    boolean allFlat = node.inputs().stream().map(this::tensors).allMatch(flat::contains);
    if (allFlat) {
      flat.add(result);
    }
    return operator(
        type,
        result,
        node.inputs().stream()
            .map(input -> allFlat ? tensors(input) : spatial(input, result))
            .toList());
  }

  private static long[] sizes(ImageShape shape) {
    return new long[] {0, shape.channels(), shape.height(), shape.width()};
  }

  private void border(Node.Border node, String result) {
    operator(
        "Pad",
        result,
        List.of(
            spatial(node.input(), result),
            whole(
                result + "/pads",
                0,
                0,
                node.top(),
                node.left(),
                0,
                0,
                node.bottom(),
                node.right())));
  }

  private void upsample(Node.Upsample node, String result) {
    float[] scales = {1, 1, node.rows(), node.columns()};
    operator(
            "Resize",
            result,
            List.of(spatial(node.input(), result), "", constant(result + "/scales", scales, 4)))
        .addAttribute(text("mode", "nearest"))
        .addAttribute(text("coordinate_transformation_mode", "asymmetric"))
        .addAttribute(text("nearest_mode", "floor"));
  }

  private void localResponseNorm(Node.LocalResponseNorm node, String result) {
    operator("LRN", result, List.of(spatial(node.input(), result)))
        .addAttribute(integer("size", node.size()))
        .addAttribute(real("alpha", node.alphaOfMean()))
        .addAttribute(real("beta", node.beta()))
        .addAttribute(real("bias", node.k()));
  }

  private void unitNorm(Node.UnitNorm node, String result) {
    String input = tensors(node.input());
    String row = reshaped(input, result + "/row", 0, -1);
    operator("ReduceL2", result + "/length", List.of(row)).addAttribute(integers("axes", 1));
    operator(
        "Max",
        result + "/divisor",
        List.of(result + "/length", scalar(result + "/epsilon", node.epsilon())));
    operator("Div", result + "/divided", List.of(row, result + "/divisor"));
    if (flat.contains(input)) {
      flat.add(result);
      operator("Identity", result, List.of(result + "/divided"));
    } else {
      reshaped(result + "/divided", result, sizes(shape(node.input())));
    }
  }

  private void parametricRelu(Node.ParametricRelu node, String result) {
    ImageShape shape = node.shape();
    String input = tensors(node.input());
    float[] given = slice(node.slopes(), shape.size());
    float[] ordered = new float[given.length];
    int i = 0;
    for (int c = 0; c < shape.channels(); c++) {
      for (int row = 0; row < shape.height(); row++) {
        for (int column = 0; column < shape.width(); column++) {
          ordered[i++] = given[c + shape.channels() * (row + shape.height() * column)];
        }
      }
    }
    String slopes =
        flat.contains(input)
            ? constant(result + "/slopes", ordered, shape.channels())
            : constant(
                result + "/slopes", ordered, shape.channels(), shape.height(), shape.width());
    same("PRelu", result, input, slopes);
  }

  private void batchNorm(Node.BatchNorm node, String result) {
    int channels = node.channels();
    String scale;
    String shift;
    if (node.affine().isPresent()) {
      long affine = node.affine().getAsLong();
      scale = parameters(result + "/scale", affine, channels);
      shift = parameters(result + "/shift", affine + channels, channels);
    } else {
      scale = constant(result + "/scale", filled(channels, 1), channels);
      shift = constant(result + "/shift", filled(channels, 0), channels);
    }
    float[] variance = slice(node.variance(), channels);
    for (int c = 0; node.logDeviation() && c < channels; c++) {
      variance[c] = (float) Math.pow(10, 2 * variance[c]);
    }
    same(
            "BatchNormalization",
            result,
            tensors(node.input()),
            scale,
            shift,
            parameters(result + "/mean", node.mean(), channels),
            constant(result + "/variance", variance, channels))
        .addAttribute(real("epsilon", node.epsilon()));
  }

  private void instanceNorm(Node.InstanceNorm node, String result) {
    int channels = node.channels();
    operator(
            "InstanceNormalization",
            result,
            List.of(
                spatial(node.input(), result),
                parameters(result + "/scale", node.scaleShift(), channels),
                parameters(result + "/shift", node.scaleShift() + channels, channels)))
        .addAttribute(real("epsilon", node.epsilon()));
  }

  /** Instance normalization of all numbers of an image as one channel, then scale and shift. */
  private void layerNorm(Node.LayerNorm node, String result) {
    String input = tensors(node.input());
    String row = reshaped(input, result + "/row", 0, 1, -1);
    operator(
            "InstanceNormalization",
            result + "/row_normalized",
            List.of(
                row,
                constant(result + "/one", filled(1, 1), 1),
                constant(result + "/zero", filled(1, 0), 1)))
        .addAttribute(real("epsilon", node.epsilon()));
    ImageShape shape = shape(node.input());
    String normalized =
        flat.contains(input)
            ? reshaped(result + "/row_normalized", result + "/normalized", 0, shape.channels())
            : reshaped(result + "/row_normalized", result + "/normalized", sizes(shape));
    long[] sizes = perChannel(input, node.channels());
    String scale = parameters(result + "/scale", node.scaleShift(), sizes);
    String shift = parameters(result + "/shift", node.scaleShift() + node.channels(), sizes);
    operator("Mul", result + "/scaled", List.of(normalized, scale));
    operator("Add", result, List.of(result + "/scaled", shift));
    if (flat.contains(input)) {
      flat.add(result);
    }
  }

  private void actNorm(Node.ActNorm node, String result) {
    String input = tensors(node.input());
    long[] sizes = perChannel(input, node.channels());
    same("Add", result + "/moved", input, parameters(result + "/offset", node.offset(), sizes));
    same("Mul", result, result + "/moved", parameters(result + "/scale", node.scale(), sizes));
  }

  /** The shape of a value that is broadcast over a tensor's images and pixels. */
  private long[] perChannel(String tensor, int channels) {
    return flat.contains(tensor) ? new long[] {channels} : new long[] {channels, 1, 1};
  }

  private void pool(Node.Pool node, String result) {
    String input = spatial(node.input(), result);
    boolean largest = node.kind() == Node.Pool.Kind.MAXIMUM;
    if (!largest && node.window().isDilated()) {
      throw new UnsupportedNetworkException(
          "onnx",
          node.name(),
          "average pooling with dilation is not in ONNX's operator set "
              + OnnxExporter.OPERATOR_SET);
    }
    NodeProto.Builder operator =
        operator(largest ? "MaxPool" : "AveragePool", result, List.of(input));
    moving(operator, node.window(), shape(node.input()));
    if (!largest) {
      operator.addAttribute(
          integer("count_include_pad", node.kind() == Node.Pool.Kind.AVERAGE_WITH_PADDING ? 1 : 0));
    }
  }

  private void globalPool(Node.GlobalPool node, String result) {
    boolean largest = node.kind() == Node.Pool.Kind.MAXIMUM;
    operator(
        largest ? "GlobalMaxPool" : "GlobalAveragePool",
        result,
        List.of(spatial(node.input(), result)));
  }

  private static void moving(NodeProto.Builder operator, Window window, ImageShape input) {
    long[] before = window.paddingBefore(input);
    long[] after = window.paddingAfter(input);
    operator
        .addAttribute(integers("kernel_shape", window.kernels()))
        .addAttribute(integers("strides", window.strides()))
        .addAttribute(integers("pads", before[0], before[1], after[0], after[1]));
    if (window.isDilated()) {
      operator.addAttribute(integers("dilations", window.dilations()));
    }
  }

  /** The tensor of a node as [N, C, H, W]. */
  private String spatial(String node, String reader) {
    String tensor = tensors(node);
    if (!flat.contains(tensor)) {
      return tensor;
    }
    String name = reader + "/from/" + tensor;
    return shaped.add(name) ? reshaped(tensor, name, sizes(shape(node))) : name;
  }

  /** A size of 0 stands for that of the input. */
  @CanIgnoreReturnValue
  private String reshaped(String input, String result, long... sizes) {
    operator("Reshape", result, List.of(input, whole(result + "/sizes", sizes)));
    return result;
  }

  private String whole(String name, long... values) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.INT64_VALUE)
            .addDims(values.length);
    Arrays.stream(values).forEach(tensor::addInt64Data);
    graph.addInitializer(tensor);
    return name;
  }

  /** An operator whose result is flat if its first input is. */
  @CanIgnoreReturnValue
  private NodeProto.Builder same(String type, String result, String... inputs) {
    if (flat.contains(inputs[0])) {
      flat.add(result);
    }
    return operator(type, result, List.of(inputs));
  }

  @CanIgnoreReturnValue
  private NodeProto.Builder operator(String type, String result, List<String> inputs) {
    return graph
        .addNodeBuilder()
        .setName(result)
        .setOpType(type)
        .addAllInput(inputs)
        .addOutput(result);
  }

  private float[] slice(long offset, int length) {
    int start = Math.toIntExact(offset);
    return Arrays.copyOfRange(parameters, start, start + length);
  }

  private static float[] filled(int length, float value) {
    float[] values = new float[length];
    Arrays.fill(values, value);
    return values;
  }

  private String parameters(String name, long offset, long... sizes) {
    long length = Arrays.stream(sizes).reduce(1, Math::multiplyExact);
    return constant(name, slice(offset, Math.toIntExact(length)), sizes);
  }

  private String constant(String name, float[] values, long... sizes) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .setRawData(UnsafeByteOperations.unsafeWrap(bytes));
    Arrays.stream(sizes).forEach(tensor::addDims);
    graph.addInitializer(tensor);
    return name;
  }

  private static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static AttributeProto integers(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    Arrays.stream(values).forEach(attribute::addInts);
    return attribute.build();
  }

  private static AttributeProto text(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  private static AttributeProto real(String name, double value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF((float) value)
        .build();
  }
}
