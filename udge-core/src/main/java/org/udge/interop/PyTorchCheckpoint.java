package org.udge.interop;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.razorvine.pickle.PickleException;
import org.udge.internal.Texts;

/**
 * The content of a PyTorch checkpoint: tensors, numbers and strings, each under a flat name.
 *
 * <p>Reads the zip files that {@code torch.save} of PyTorch 1.6 and later writes, without running
 * code from them: a pickle may name the functions that rebuild tensors, parameters and ordered
 * dictionaries, and nothing else. The name of a nested entry consists of its parents' names and its
 * own, joined by dots; items of lists are named by their index. {@code {"model_state_dict":
 * {"conv.weight": w}, "epoch": 3}} becomes the tensor {@code model_state_dict.conv.weight} and the
 * scalar {@code epoch}.
 *
 * <p>Memory: all storages are read at once, so about the size of the file is needed.
 *
 * <p>Immutable and thread-safe.
 */
public final class PyTorchCheckpoint {

  /**
   * The entries in which programs store the state dict if they save more than that, in the order in
   * which they are tried.
   */
  private static final List<String> NESTED_STATE_DICTS =
      List.of("model_state_dict.", "state_dict.", "model.");

  /** {@code DataParallel} wraps a model as its child "module". */
  private static final String WRAPPER = "module.";

  private final Path file;
  private final Map<String, Tensor> tensors;
  private final Map<String, Object> scalars;

  PyTorchCheckpoint(Path file, Map<String, Tensor> tensors, Map<String, Object> scalars) {
    this.file = file;
    this.tensors = Collections.unmodifiableMap(tensors);
    this.scalars = Collections.unmodifiableMap(scalars);
  }

  /**
   * Reads a checkpoint.
   *
   * @param file a file written by {@code torch.save} of PyTorch 1.6 or later
   * @return its content
   * @throws IOException if there is no such file, or it is truncated, damaged or of another format,
   *     or its pickle names a class that is not allowed; the message names the file and the reason
   */
  public static PyTorchCheckpoint read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString(), null, "no such file");
    }
    try (TorchArchive archive = TorchArchive.open(file)) {
      byte[] pickle = archive.pickle();
      Object root = new RestrictedUnpickler(archive).read(pickle);
      Flattener flattener = new Flattener(pickle.length);
      flattener.addRoot(root);
      return new PyTorchCheckpoint(file, flattener.tensors, flattener.scalars);
    } catch (IOException | PickleException | IllegalArgumentException e) {
      throw unreadable(file, String.valueOf(e.getMessage()), e);
    } catch (UncheckedIOException e) {
      throw unreadable(file, String.valueOf(requireNonNull(e.getCause()).getMessage()), e);
    } catch (RuntimeException e) {
      // The unpickler library does not check that instructions find their operands on the stack.
      throw unreadable(file, "its pickle is damaged", e);
    }
  }

  private static IOException unreadable(Path file, String reason, Exception cause) {
    String known = reason == null ? "its pickle is damaged" : Texts.shortenReason(reason);
    return new IOException("cannot read the PyTorch checkpoint " + file + ": " + known, cause);
  }

  /**
   * Returns the file from which this checkpoint was read.
   *
   * @return the file
   */
  public Path file() {
    return file;
  }

  /**
   * Returns all tensors by their full names.
   *
   * @return an unmodifiable map in the order of the file
   */
  public Map<String, Tensor> tensors() {
    return tensors;
  }

  /**
   * Returns all other values by their full names; None is omitted.
   *
   * @return an unmodifiable map, in the order of the file, of {@link String}, {@link Boolean},
   *     {@link Double}, {@link Long} and, where a Long is too small, {@link java.math.BigInteger}
   */
  public Map<String, Object> scalars() {
    return scalars;
  }

  /**
   * Returns a tensor by its full name.
   *
   * @param name the name, as in {@link #tensors()}
   * @return the tensor
   * @throws IllegalArgumentException if there is no such tensor; the message lists some of the
   *     existing ones
   */
  public Tensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    checkArgument(tensor != null, "%s has no tensor '%s'; it has %s", file, name, some(tensors));
    return tensor;
  }

  /**
   * Returns the model's parameters and buffers: the tensors under {@code model_state_dict}, {@code
   * state_dict} or {@code model} if there is such an entry, otherwise all tensors. Names do not
   * include that entry, nor the prefix {@code module.} of {@code DataParallel}.
   *
   * @return an unmodifiable map in the order of the file
   * @throws IllegalArgumentException if two names differ only by {@code module.}
   */
  public Map<String, Tensor> stateDict() {
    String parent =
        NESTED_STATE_DICTS.stream()
            .filter(prefix -> tensors.keySet().stream().anyMatch(n -> n.startsWith(prefix)))
            .findFirst()
            .orElse("");
    Map<String, Tensor> result = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(parent)) {
            String inner = withoutPrefix(withoutPrefix(name, parent), WRAPPER);
            checkArgument(
                result.put(inner, tensor) == null,
                "%s has the tensor '%s' twice",
                file,
                Texts.shorten(inner));
          }
        });
    return Collections.unmodifiableMap(result);
  }

  private static String withoutPrefix(String name, String prefix) {
    return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
  }

  /** Returns the first few names, for a message. */
  static String some(Map<String, Tensor> tensors) {
    int limit = 8;
    String names =
        tensors.keySet().stream()
            .limit(limit)
            .map(Texts::shorten)
            .collect(Collectors.joining(", "));
    return tensors.size() > limit ? names + " and " + (tensors.size() - limit) + " more" : names;
  }

  @Override
  public String toString() {
    return "PyTorchCheckpoint[" + file + ", " + tensors.size() + " tensors]";
  }

  /** Converts nested dictionaries and lists into flat maps. */
  private static final class Flattener {

    /** Shared and cyclic lists could be infinite. Real checkpoints stay far below either limit. */
    private static final int MAX_DEPTH = 32;

    private static final int MAX_ENTRIES = 1_000_000;

    /** PyTorch's own names are shorter than 100 characters. */
    private static final int MAX_NAME = 1000;

    private static final int LEAST_ENTRIES = 1000;
    private static final int LEAST_NAMES = 1 << 20;
    private static final int NAMES_PER_BYTE = 64;

    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Map<String, Object> scalars = new LinkedHashMap<>();
    private final int pickleBytes;
    private int entries;
    private long nameLengths;

    /**
     * Creates a flattener. Each entry takes at least one byte in a pickle, unless it refers to the
     * same ones repeatedly.
     */
    Flattener(int pickleBytes) {
      this.pickleBytes = pickleBytes;
    }

    void addRoot(Object root) {
      checkArgument(root instanceof Map, "it holds no dictionary of tensors at its top");
      addAll("", (Map<?, ?>) root, 1);
    }

    private void addAll(String parent, Map<?, ?> children, int depth) {
      children.forEach((key, value) -> add(join(parent, key), value, depth));
    }

    private void add(String name, Object value, int depth) {
      checkArgument(
          name.length() <= MAX_NAME,
          "the name of its entry '%s' has %s characters, expected at most %s",
          Texts.shorten(name),
          name.length(),
          MAX_NAME);
      checkArgument(depth <= MAX_DEPTH, "its entry '%s' is nested too deeply", Texts.shorten(name));
      checkArgument(++entries <= MAX_ENTRIES, "it has more than %s entries", MAX_ENTRIES);
      nameLengths += name.length();
      checkArgument(
          entries <= Math.max(LEAST_ENTRIES, pickleBytes)
              && nameLengths <= Math.max(LEAST_NAMES, (long) NAMES_PER_BYTE * pickleBytes),
          "it has the same entries again and again, more than its %s bytes can hold",
          pickleBytes);
      if (value instanceof Map<?, ?> map) {
        addAll(name + ".", map, depth + 1);
      } else if (value instanceof List<?> list) {
        addItems(name, list, depth);
      } else if (value instanceof Object[] tuple) {
        addItems(name, Arrays.asList(tuple), depth);
      } else if (value instanceof Tensor tensor) {
        addUnique(tensors, name, tensor);
      } else if (value != null) {
        addUnique(scalars, name, scalar(name, value));
      }
    }

    /**
     * Joins names. Long keys are truncated before they become many longer names; the truncated name
     * is refused.
     */
    private static String join(String parent, Object key) {
      String text = key.toString();
      return parent + (text.length() > MAX_NAME ? text.substring(0, MAX_NAME + 1) : text);
    }

    private void addItems(String name, List<?> items, int depth) {
      for (int i = 0; i < items.size(); i++) {
        add(name + "." + i, items.get(i), depth + 1);
      }
    }

    private static Object scalar(String name, Object value) {
      checkArgument(
          value instanceof Number || value instanceof String || value instanceof Boolean,
          "its entry '%s' is neither a tensor nor a number nor a text",
          Texts.shorten(name));
      return value instanceof Integer i ? (Object) i.longValue() : value;
    }

    private static <T> void addUnique(Map<String, T> map, String name, T value) {
      checkArgument(
          map.put(name, value) == null, "it has two entries named '%s'", Texts.shorten(name));
    }
  }
}
