package org.udge.interop;

import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.PickleUtils;
import org.jspecify.annotations.Nullable;

/**
 * Reads a pickle of plain data and NumPy arrays, such as the files of {@code cifar-10-batches-py},
 * written by Python 2 or 3.
 *
 * <p>Nothing that a pickle names is executed: arrays, their types and their bytes are rebuilt by
 * this library's own functions, and any other name is refused.
 */
public final class NumpyPickle {

  private static final int MOST_DEPTH = 16;

  private NumpyPickle() {}

  /**
   * Reads a pickled dictionary.
   *
   * @param pickle the bytes of the pickle
   * @param name the name of the pickle in messages
   * @return its entries in order: numbers, strings, lists, maps, byte arrays of 256 bytes and more,
   *     arrays as {@link Tensor}; strings and short byte strings of either Python version become
   *     strings
   * @throws IOException if the pickle is damaged, is not a dictionary, or contains anything else;
   *     the message contains the name
   */
  public static Map<String, Object> readDictionary(byte[] pickle, String name) throws IOException {
    try {
      Object root = new Finisher(pickle.length).finished(new Reader().loads(pickle), 0);
      if (!(root instanceof Map<?, ?> map)) {
        throw new PickleException("it is not a dictionary");
      }
      Map<String, Object> entries = new LinkedHashMap<>();
      map.forEach((key, value) -> entries.put(String.valueOf(key), value));
      return entries;
    } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw new IOException("cannot read the pickle " + name + ": " + messageOf(e), e);
    }
  }

  private static String messageOf(Throwable e) {
    String message = e.getMessage();
    if (e instanceof PickleException && message != null) {
      return message;
    }
    return "it is damaged (" + (message == null ? e.getClass().getSimpleName() : message) + ")";
  }

  /**
   * Converts the arrays that the pickle has filled into tensors. A few bytes can refer to one long
   * list repeatedly; legitimate pickles have at least one byte per item.
   */
  private static final class Finisher {

    private int budget;

    Finisher(int budget) {
      this.budget = budget;
    }

    Object finished(Object value, int depth) {
      if (--budget < 0 || depth > MOST_DEPTH) {
        throw new PickleException("it has more items than bytes, or nests too deeply");
      }
      if (value instanceof NumpyArray array) {
        return array.tensor();
      }
      if (value instanceof Map<?, ?> map) {
        Map<Object, Object> copy = new LinkedHashMap<>();
        map.forEach((key, item) -> copy.put(key, finished(item, depth + 1)));
        return copy;
      }
      if (value instanceof List<?> list) {
        List<Object> copy = new ArrayList<>();
        list.forEach(item -> copy.add(finished(item, depth + 1)));
        return copy;
      }
      boolean plain =
          value instanceof Number
              || value instanceof String
              || value instanceof Boolean
              || value instanceof byte[]
              || value instanceof None;
      if (!plain) {
        throw new PickleException("it holds something that is neither data nor an array");
      }
      return value;
    }
  }

  /** Python's None. */
  private record None() {}

  /** A NumPy type; its byte order is set later. */
  private static final class NumpyType {
    private final String code;
    private String order = "|";

    NumpyType(String code) {
      this.code = code;
    }

    Tensor tensor(byte[] bytes, long[] shape, boolean fortranOrder) {
      ElementType type =
          switch (code) {
            case "u1" -> ElementType.UINT8;
            case "i1" -> ElementType.INT8;
            case "b1" -> ElementType.BOOL;
            case "i2" -> ElementType.INT16;
            case "i4" -> ElementType.INT32;
            case "i8" -> ElementType.INT64;
            case "f2" -> ElementType.FLOAT16;
            case "f4" -> ElementType.FLOAT32;
            case "f8" -> ElementType.FLOAT64;
            default -> throw new PickleException("it has an array of the type '" + code + "'");
          };
      ByteOrder byteOrder = order.equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
      long size = type.bytes();
      for (long dimension : shape) {
        size = dimension < 0 ? -1 : Math.multiplyExact(size, dimension);
      }
      if (size != bytes.length) {
        throw new PickleException(
            "it has an array of shape "
                + shortened(Arrays.toString(shape))
                + " of "
                + type
                + " with "
                + bytes.length
                + " bytes");
      }
      return Tensor.contiguous(type, ByteBuffer.wrap(bytes).order(byteOrder), shape, fortranOrder);
    }
  }

  private static String shortened(String text) {
    return text.length() > 80 ? text.substring(0, 80) + "..." : text;
  }

  /** An array; its content is set later. */
  private static final class NumpyArray {
    private @Nullable Tensor content;

    Tensor tensor() {
      if (content == null) {
        throw new PickleException("it has an array without content");
      }
      return content;
    }
  }

  /** The restricted unpickler with other allowed names, and byte strings. */
  private static final class Reader extends RestrictedUnpickler {

    private static final int SHORT = 256;

    private static final IObjectConstructor NOT_CALLED =
        arguments -> {
          throw new PickleException("it makes an array in a way unknown here");
        };

    private static final Map<String, IObjectConstructor> NAMES =
        Map.of(
            "numpy.core.multiarray._reconstruct",
            arguments -> new NumpyArray(),
            "numpy._core.multiarray._reconstruct",
            arguments -> new NumpyArray(),
            "numpy.ndarray",
            NOT_CALLED,
            "numpy.dtype",
            arguments -> new NumpyType(text(arguments[0])),
            "numpy.core.numeric._frombuffer",
            Reader::fromBuffer,
            "numpy._core.numeric._frombuffer",
            Reader::fromBuffer,
            "_codecs.encode",
            Reader::encode);

    Reader() {
      super(null);
    }

    @Override
    protected Object dispatch(short opcode) throws IOException {
      switch (opcode) {
        case Opcodes.GLOBAL ->
            named(PickleUtils.readline(input) + "." + PickleUtils.readline(input));
        case Opcodes.STACK_GLOBAL -> {
          String name = text(stack.pop());
          named(text(stack.pop()) + "." + name);
        }
        case Opcodes.REDUCE -> call(stack.pop(), stack.pop());
        case Opcodes.BUILD -> build(stack.pop(), stack.peek());
        case Opcodes.NONE -> stack.add(new None());
        case Opcodes.SHORT_BINSTRING, Opcodes.SHORT_BINBYTES ->
            stack.add(string(PickleUtils.readbyte(input)));
        case Opcodes.BINSTRING, Opcodes.BINBYTES ->
            stack.add(string(PickleUtils.bytes_to_integer(PickleUtils.readbytes(input, 4))));
        case Opcodes.BINBYTES8, Opcodes.BYTEARRAY8 ->
            stack.add(string(PickleUtils.bytes_to_long(PickleUtils.readbytes(input, 8), 0)));
        case Opcodes.BINPERSID ->
            throw new PickleException(
                "it refers to something outside, which pickles of data do not");
        default -> {
          return super.dispatch(opcode);
        }
      }
      return NO_RETURN_VALUE;
    }

    private void call(Object arguments, Object function) {
      if (!(function instanceof IObjectConstructor known)) {
        throw new PickleException("it calls something that is not a function");
      }
      stack.add(known.construct(tuple(arguments, 0)));
    }

    private void named(String name) {
      IObjectConstructor known = NAMES.get(name);
      if (known == null) {
        throw new PickleException(
            "it names "
                + shortened(name)
                + ", which is not run: only dictionaries, lists, numbers, texts and NumPy arrays are"
                + " read");
      }
      stack.add(known);
    }

    /** Reads a byte string: short ones are text (keys, names), long ones are data. */
    private Object string(long length) throws IOException {
      if (length < 0 || length > input.available()) {
        throw new PickleException("it has a string of " + length + " bytes beyond its end");
      }
      byte[] bytes = PickleUtils.readbytes(input, (int) length);
      return length < SHORT ? new String(bytes, StandardCharsets.ISO_8859_1) : bytes;
    }

    private static void build(Object state, Object target) {
      if (target instanceof NumpyType type) {
        type.order = text(tuple(state, 2)[1]);
      } else if (target instanceof NumpyArray array) {
        Object[] parts = tuple(state, 5);
        checkArgument(parts[2] instanceof NumpyType, "it has an array without a type");
        array.content =
            ((NumpyType) parts[2])
                .tensor(bytes(parts[4]), shape(parts[1]), Boolean.TRUE.equals(parts[3]));
      } else if (!(target instanceof Map)) {
        throw new PickleException("it sets attributes of something that has none");
      }
    }

    /** Takes the arguments: bytes, type, shape, order. */
    private static Object fromBuffer(Object... arguments) {
      NumpyArray array = new NumpyArray();
      array.content =
          ((NumpyType) arguments[1])
              .tensor(bytes(arguments[0]), shape(arguments[2]), "F".equals(arguments[3]));
      return array;
    }

    /** Decodes bytes as Python 3 writes them for Python 2: a string of characters up to 255. */
    private static Object encode(Object... arguments) {
      checkArgument(
          arguments.length == 2 && "latin1".equals(arguments[1]), "it encodes other than latin1");
      return text(arguments[0]).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Object[] tuple(Object value, int length) {
      checkArgument(
          value instanceof Object[] parts && parts.length >= length,
          "it has an array or type whose state is no tuple of %s",
          length);
      return (Object[]) value;
    }

    private static long[] shape(Object tuple) {
      return Arrays.stream(tuple(tuple, 0))
          .mapToLong(
              size -> {
                checkArgument(size instanceof Number, "it has a shape that is not of numbers");
                return ((Number) size).longValue();
              })
          .toArray();
    }

    private static byte[] bytes(Object value) {
      return value instanceof byte[] bytes
          ? bytes
          : text(value).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(Object value) {
      checkArgument(value instanceof String, "it has something else where a text must be");
      return (String) value;
    }
  }
}
