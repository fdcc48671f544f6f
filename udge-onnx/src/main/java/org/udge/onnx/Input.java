package org.udge.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.udge.data.ImageShape;
import org.udge.internal.Texts;

/**
 * The image input of a graph.
 *
 * @param name of the tensor
 * @param batch number of images per run; 0 for any number
 * @param shape of one image
 * @param isTable whether images are rows, [N, F], rather than [N, C, H, W]
 */
record Input(String name, int batch, ImageShape shape, boolean isTable) {

  private static final long LARGEST_SIDE = 1 << 24;

  /**
   * Finds the input of a graph.
   *
   * @param said the shape that the caller or the metadata specify
   * @throws IOException if the graph expects anything else; the message does not name the file
   */
  static Input of(GraphProto graph, Optional<ImageShape> said) throws IOException {
    Set<String> constants = new HashSet<>();
    graph.getInitializerList().stream().map(TensorProto::getName).forEach(constants::add);
    List<ValueInfoProto> inputs =
        graph.getInputList().stream().filter(in -> !constants.contains(in.getName())).toList();
    if (inputs.size() != 1) {
      throw new IOException(
          "a classifier has one input, it has "
              + Texts.shorten(inputs.stream().map(ValueInfoProto::getName).toList().toString()));
    }
    ValueInfoProto input = inputs.get(0);
    TypeProto.Tensor type = input.getType().getTensorType();
    if (type.getElemType() != TensorProto.DataType.FLOAT_VALUE) {
      throw new IOException(
          place(input)
              + " must be float32, is "
              + TensorProto.DataType.forNumber(type.getElemType())
              + ": let the network convert it");
    }
    if (!type.hasShape()) {
      throw new IOException(place(input) + " has no shape: expected [N, C, H, W] or [N, F]");
    }
    return of(input, sizes(type.getShape()), said);
  }

  private static String place(ValueInfoProto input) {
    return "its input '" + Texts.shorten(input.getName()) + "'";
  }

  /** Sizes; 0 where any size is accepted. */
  private static long[] sizes(TensorShapeProto shape) {
    return shape.getDimList().stream().mapToLong(d -> Math.max(0, d.getDimValue())).toArray();
  }

  private static Input of(ValueInfoProto input, long[] sizes, Optional<ImageShape> said)
      throws IOException {
    boolean isTable = sizes.length == 2;
    if (!isTable && sizes.length != 4) {
      throw new IOException(
          place(input)
              + " must be [N, C, H, W] or [N, F], is "
              + Arrays.toString(sizes)
              + " (0 stands for any)");
    }
    for (long size : sizes) {
      if (size > LARGEST_SIDE) {
        throw new IOException(
            place(input) + " must have sizes up to " + LARGEST_SIDE + ", has " + size);
      }
    }
    if (!isTable && said.isEmpty() && isColors(sizes[3]) && !isColors(sizes[1])) {
      throw new IOException(
          place(input)
              + " is "
              + Arrays.toString(sizes)
              + ", which looks like [N, H, W, C]: export it as [N, C, H, W] (--inputs-as-nchw of"
              + " tf2onnx), or say its shape"
              + OnnxLoader.saying("shape"));
    }
    long[] image = isTable ? new long[] {sizes[1], 1, 1} : Arrays.copyOfRange(sizes, 1, 4);
    ImageShape shape = shape(input, image, said);
    if (shape.size() > LARGEST_SIDE) {
      throw new IOException(
          place(input) + " must have at most " + LARGEST_SIDE + " numbers per image, has " + shape);
    }
    return new Input(input.getName(), (int) sizes[0], shape, isTable);
  }

  private static boolean isColors(long size) {
    return size == 1 || size == 3;
  }

  private static ImageShape shape(ValueInfoProto input, long[] image, Optional<ImageShape> said)
      throws IOException {
    if (said.isEmpty()) {
      if (Arrays.stream(image).anyMatch(size -> size == 0)) {
        throw new IOException(
            place(input)
                + " accepts images of any size: specify theirs"
                + OnnxLoader.saying("shape"));
      }
      return new ImageShape((int) image[0], (int) image[1], (int) image[2]);
    }
    long[] told = said.get().batch(1);
    for (int i = 0; i < image.length; i++) {
      if (image[i] != 0 && image[i] != told[i + 1]) {
        throw new IOException(
            place(input)
                + " takes images of "
                + image[0]
                + "x"
                + image[1]
                + "x"
                + image[2]
                + " (0 stands for any), not of "
                + said.get());
      }
    }
    return said.get();
  }

  /** The shape of a batch as the graph expects it. */
  long[] of(int images) {
    return isTable ? new long[] {images, shape.channels()} : shape.batch(images);
  }
}
