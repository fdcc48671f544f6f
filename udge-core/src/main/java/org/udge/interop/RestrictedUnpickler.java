package org.udge.interop;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;
import org.jspecify.annotations.Nullable;
import org.udge.internal.Texts;

/**
 * Reads the pickle of a PyTorch checkpoint into maps, lists, numbers, strings and tensors.
 *
 * <p>A pickle is a program for a small stack machine, and its dangerous instructions are those that
 * look up a class and call it. The unpickler library looks classes up in a table that anyone in the
 * process can extend, and it creates a placeholder for any class it does not know. Here every such
 * instruction is either refused or resolved from {@link #CLASSES}, so that table is never
 * consulted; other instructions are accepted only if PyTorch writes them.
 *
 * <p>Reads one pickle. Not thread-safe.
 */
class RestrictedUnpickler extends Unpickler {

  /** The instructions that build plain data, which the unpickler library may execute. */
  private static final Set<Short> PLAIN =
      Set.of(
          Opcodes.PROTO,
          Opcodes.FRAME,
          Opcodes.MARK,
          Opcodes.STOP,
          Opcodes.NONE,
          Opcodes.NEWTRUE,
          Opcodes.NEWFALSE,
          Opcodes.BININT,
          Opcodes.BININT1,
          Opcodes.BININT2,
          Opcodes.LONG1,
          Opcodes.BINFLOAT,
          Opcodes.SHORT_BINUNICODE,
          Opcodes.EMPTY_TUPLE,
          Opcodes.TUPLE,
          Opcodes.TUPLE1,
          Opcodes.TUPLE2,
          Opcodes.TUPLE3,
          Opcodes.EMPTY_LIST,
          Opcodes.APPEND,
          Opcodes.BINPERSID,
          Opcodes.BINPUT,
          Opcodes.LONG_BINPUT,
          Opcodes.MEMOIZE,
          Opcodes.BINGET,
          Opcodes.LONG_BINGET);

  /**
   * Everything that a pickle can name: this library's functions under PyTorch's names, and element
   * types.
   */
  private static final Map<String, Object> CLASSES =
      Map.ofEntries(
          function("collections.OrderedDict", RestrictedUnpickler::orderedDict),
          function("torch.Size", (self, arguments) -> arguments[0]),
          function("torch._utils._rebuild_tensor", RestrictedUnpickler::tensor),
          function("torch._utils._rebuild_tensor_v2", RestrictedUnpickler::tensor),
          function("torch._utils._rebuild_parameter", (self, arguments) -> arguments[0]),
          Map.entry("torch.DoubleStorage", ElementType.FLOAT64),
          Map.entry("torch.FloatStorage", ElementType.FLOAT32),
          Map.entry("torch.HalfStorage", ElementType.FLOAT16),
          Map.entry("torch.BFloat16Storage", ElementType.BFLOAT16),
          Map.entry("torch.LongStorage", ElementType.INT64),
          Map.entry("torch.IntStorage", ElementType.INT32),
          Map.entry("torch.ShortStorage", ElementType.INT16),
          Map.entry("torch.CharStorage", ElementType.INT8),
          Map.entry("torch.ByteStorage", ElementType.UINT8),
          Map.entry("torch.BoolStorage", ElementType.BOOL));

  /** NumPy and PyTorch allow 64 at most. */
  private static final int MAX_RANK = 64;

  /** Views may share elements, but must not turn a small file into much data. */
  private static final int MAX_SHARING = 4;

  private final @Nullable TorchArchive archive;

  /**
   * The number of items that may still be copied out of lists. A few bytes can refer to one long
   * list repeatedly; legitimate pickles have at least one byte per item.
   */
  private int budget;

  private long elements;

  /** A function that a pickle may call. */
  private interface Function {
    Object call(RestrictedUnpickler self, Object[] arguments);
  }

  RestrictedUnpickler(@Nullable TorchArchive archive) {
    this.archive = archive;
  }

  /** Runs the pickle of the archive. */
  Object read(byte... pickle) throws IOException {
    budget = pickle.length;
    return loads(pickle);
  }

  @Override
  protected Object dispatch(short opcode) throws IOException {
    switch (opcode) {
      case Opcodes.GLOBAL ->
          pushClass(PickleUtils.readline(input) + "." + PickleUtils.readline(input));
      case Opcodes.STACK_GLOBAL -> {
        String name = text(stack.pop());
        pushClass(text(stack.pop()) + "." + name);
      }
      case Opcodes.EMPTY_DICT ->
          stack.add(new LinkedHashMap<>()); // the unpickler library does not keep the order
      case Opcodes.SETITEM -> {
        Object value = stack.pop();
        Object key = stack.pop();
        putAll(Arrays.asList(key, value));
      }
      case Opcodes.APPENDS -> appendAll(stack.pop_all_since_marker());
      case Opcodes.REDUCE -> call();
      case Opcodes.SETITEMS -> putAll(stack.pop_all_since_marker());
      case Opcodes.BUILD -> dropAttributes();
      case Opcodes.BINUNICODE -> stack.add(text());
      default -> {
        if (!PLAIN.contains(opcode)) {
          throw new PickleException("it has the pickle instruction " + opcode + ", unknown here");
        }
        return super.dispatch(opcode);
      }
    }
    return NO_RETURN_VALUE;
  }

  private void pushClass(String name) {
    Object known = CLASSES.get(name);
    if (known == null) {
      throw new PickleException(
          "it names "
              + Texts.shorten(name)
              + ", which is not run: only tensors, dictionaries, lists, numbers and texts are read."
              + " Save those alone, as in torch.save(model.state_dict(), file)");
    }
    stack.add(known);
  }

  private void call() {
    Object[] arguments = (Object[]) stack.pop();
    Object function = stack.pop();
    if (!(function instanceof Function known)) {
      throw new PickleException("it calls " + kind(function) + ", which is not a function");
    }
    stack.add(known.call(this, arguments));
  }

  private static String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw new PickleException("it has " + kind(value) + " where a text must be");
  }

  /** Describes the type of a value, never its content: it may be huge, or contain itself. */
  private static String kind(Object value) {
    return value == null ? "None" : "a value of " + value.getClass().getSimpleName();
  }

  /**
   * Appends items. The unpickler library would trim the list each time, which takes longer with
   * each item.
   */
  @SuppressWarnings("unchecked") // the elements are checked when they are read
  private void appendAll(List<Object> items) {
    ((List<Object>) stack.peek()).addAll(items);
  }

  @SuppressWarnings("unchecked") // the elements are checked when they are read
  private void putAll(List<Object> keysAndValues) {
    Map<Object, Object> map = (Map<Object, Object>) stack.peek();
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      Object key = keysAndValues.get(i);
      // A collection as a key would be hashed element by element, which nesting makes exponential.
      if (!(key instanceof String || key instanceof Number || key instanceof Boolean)) {
        throw new PickleException("it has a dictionary whose keys are not texts or numbers");
      }
      map.put(key, keysAndValues.get(i + 1));
    }
  }

  /** Discards the attribute "_metadata" that PyTorch adds to the OrderedDict of a state dict. */
  private void dropAttributes() {
    stack.pop();
    if (!(stack.peek() instanceof Map)) {
      throw new PickleException("it sets attributes of something that is not an OrderedDict");
    }
  }

  /**
   * Reads a string. The unpickler library would allocate as much memory as the pickle claims before
   * it looks for the characters.
   */
  private String text() throws IOException {
    int length = PickleUtils.bytes_to_integer(PickleUtils.readbytes(input, 4));
    if (length < 0 || length > input.available()) {
      throw new PickleException("it has a text of " + length + " bytes beyond its end");
    }
    return new String(PickleUtils.readbytes(input, length), StandardCharsets.UTF_8);
  }

  /**
   * Resolves a persistent id, which represents a storage: ("storage", type, entry, device, number
   * of elements).
   */
  @Override
  protected Object persistentLoad(Object id) {
    Object[] parts = (Object[]) id;
    checkArgument(
        parts.length >= 5 && "storage".equals(parts[0]), "it refers to something not a storage");
    return requireNonNull(archive)
        .storage((ElementType) parts[1], text(parts[2]), toLong(parts[4]));
  }

  private static Map.Entry<String, Object> function(String name, Function function) {
    return Map.entry(name, function);
  }

  private static Map<Object, Object> orderedDict(RestrictedUnpickler self, Object[] arguments) {
    Map<Object, Object> map = new LinkedHashMap<>();
    if (arguments.length > 0) {
      List<?> pairs = (List<?>) arguments[0];
      self.spend(pairs.size());
      for (Object pair : pairs) {
        List<?> keyAndValue = pair instanceof List<?> list ? list : Arrays.asList((Object[]) pair);
        checkArgument(keyAndValue.size() == 2, "it has a dictionary of other than pairs");
        map.put(text(keyAndValue.get(0)), keyAndValue.get(1));
      }
    }
    return map;
  }

  private void spend(int items) {
    budget -= items;
    checkArgument(budget >= 0, "it uses the same lists again and again");
  }

  /**
   * Takes the arguments: storage, offset, shape, strides, two about gradients, and special
   * properties.
   */
  private static Tensor tensor(RestrictedUnpickler self, Object[] arguments) {
    checkArgument(
        arguments.length < 7 || !(arguments[6] instanceof Map<?, ?> special) || special.isEmpty(),
        "it has a tensor that is a lazily negated or otherwise special view: clone it before saving");
    TorchArchive.Storage storage = (TorchArchive.Storage) arguments[0];
    Tensor tensor =
        Tensor.view(
            storage.type(),
            storage.data(),
            toLong(arguments[1]),
            self.toLongs(arguments[2]),
            self.toLongs(arguments[3]));
    self.elements += tensor.size();
    checkArgument(
        self.elements
            <= MAX_SHARING * requireNonNull(self.archive).storedBytes()
                + Tensor.MAX_EXPANDED_ELEMENTS,
        "its tensors have %s elements or more, but share %s bytes",
        self.elements,
        requireNonNull(self.archive).storedBytes());
    return tensor;
  }

  private long[] toLongs(Object tuple) {
    int rank = ((Object[]) tuple).length;
    checkArgument(
        rank <= MAX_RANK, "it has a tensor of %s dimensions, expected at most %s", rank, MAX_RANK);
    spend(rank);
    return Arrays.stream((Object[]) tuple).mapToLong(RestrictedUnpickler::toLong).toArray();
  }

  private static long toLong(Object number) {
    checkArgument(
        number instanceof Integer || number instanceof Long,
        "it has %s where a whole number must be",
        kind(number));
    return ((Number) number).longValue();
  }
}
