package org.udge.interop;

import static org.udge.internal.Preconditions.checkArgument;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.udge.internal.Saturated;
import org.udge.internal.Texts;
import org.udge.state.AtomicFiles;

/**
 * A file of named tensors and metadata in the safetensors format, which PyTorch, JAX and others
 * read without running code from it.
 *
 * <p>The file consists of the length of the header in 8 bytes; the header, a JSON object with the
 * type, shape and position of each tensor; and the tensors one after the other, row-major and
 * little-endian. ({@code https://github.com/huggingface/safetensors}, format of version 0.4.)
 *
 * <pre>{@code
 * Map<String, Tensor> tensors = PyTorchWideResNet.stateDict(model.graph());
 * SafeTensors.of(tensors, Map.of("made_by", "udge")).write(folder.resolve("model.safetensors"));
 * Tensor weight = SafeTensors.read(folder.resolve("model.safetensors")).tensors().get("class_output.weight");
 * }</pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class SafeTensors {

  /** The largest header accepted, in bytes: enough for 100,000 tensors. */
  public static final int MAX_HEADER_BYTES = 16 << 20;

  private static final String METADATA = "__metadata__";

  private static final Map<String, ElementType> TYPES =
      Map.of(
          "F64", ElementType.FLOAT64,
          "F32", ElementType.FLOAT32,
          "F16", ElementType.FLOAT16,
          "BF16", ElementType.BFLOAT16,
          "I64", ElementType.INT64,
          "I32", ElementType.INT32,
          "I16", ElementType.INT16,
          "I8", ElementType.INT8,
          "U8", ElementType.UINT8,
          "BOOL", ElementType.BOOL);

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  private final Map<String, Tensor> tensors;
  private final Map<String, String> metadata;

  private SafeTensors(Map<String, Tensor> tensors, Map<String, String> metadata) {
    this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /**
   * Returns the content of a file to be written.
   *
   * @param tensors the tensors by name
   * @param metadata strings by name
   * @return the content
   * @throws IllegalArgumentException if a tensor is named {@code __metadata__}
   */
  public static SafeTensors of(Map<String, Tensor> tensors, Map<String, String> metadata) {
    checkArgument(!tensors.containsKey(METADATA), "no tensor may be named %s", METADATA);
    return new SafeTensors(tensors, metadata);
  }

  /**
   * Returns all tensors.
   *
   * @return an unmodifiable map; after reading, in the order of the file
   */
  public Map<String, Tensor> tensors() {
    return tensors;
  }

  /**
   * Returns the metadata of the file.
   *
   * @return an unmodifiable map of strings
   */
  public Map<String, String> metadata() {
    return metadata;
  }

  // Writing

  /**
   * Writes a file: larger elements first, then by name, like the format's own library, so that
   * equal content yields equal bytes.
   *
   * @param file the file to write; replaced if it exists; appears only once it is complete
   * @throws IOException if the file cannot be written
   */
  public void write(Path file) throws IOException {
    List<Map.Entry<String, Tensor>> entries = new ArrayList<>(tensors.entrySet());
    entries.sort(
        Comparator.comparing((Map.Entry<String, Tensor> entry) -> rank(entry.getValue().type()))
            .thenComparing(Map.Entry::getKey));
    byte[] header = header(entries);
    AtomicFiles.write(
        file,
        temporary -> {
          try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary))) {
            out.write(littleEndian(Long.BYTES).putLong(header.length).array());
            out.write(header);
            for (Map.Entry<String, Tensor> entry : entries) {
              out.write(entry.getValue().toLittleEndianBytes());
            }
          }
        });
  }

  private byte[] header(List<Map.Entry<String, Tensor>> entries) throws IOException {
    ObjectNode header = MAPPER.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode texts = header.putObject(METADATA);
      metadata.forEach(texts::put);
    }
    long begin = 0;
    for (Map.Entry<String, Tensor> entry : entries) {
      Tensor tensor = entry.getValue();
      long end = begin + (long) tensor.size() * tensor.type().bytes();
      ObjectNode node = header.putObject(entry.getKey());
      node.put("dtype", name(tensor.type()));
      Arrays.stream(tensor.shape()).forEach(node.putArray("shape")::add);
      node.putArray("data_offsets").add(begin).add(end);
      begin = end;
    }
    byte[] text = MAPPER.writeValueAsBytes(header);
    // Tensors begin at a multiple of 8 bytes.
    byte[] padded = Arrays.copyOf(text, (text.length + 7) / 8 * 8);
    Arrays.fill(padded, text.length, padded.length, (byte) ' ');
    return padded;
  }

  /** Returns the rank in the order of element types, which is that of the format's own library. */
  private static int rank(ElementType type) {
    return List.of(
            ElementType.INT64,
            ElementType.FLOAT64,
            ElementType.FLOAT32,
            ElementType.INT32,
            ElementType.BFLOAT16,
            ElementType.FLOAT16,
            ElementType.INT16,
            ElementType.INT8,
            ElementType.UINT8,
            ElementType.BOOL)
        .indexOf(type);
  }

  private static String name(ElementType type) {
    return TYPES.entrySet().stream()
        .filter(entry -> entry.getValue() == type)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  // Reading

  /**
   * Reads a file.
   *
   * @param file a file in the safetensors format, with each tensor smaller than 2 GiB
   * @return its content
   * @throws IOException if there is no such file, or its header is longer than {@link
   *     #MAX_HEADER_BYTES} or than the file, is not the JSON required by the format, or describes
   *     tensors that overlap, are outside of the file or have gaps between them; the message names
   *     the file and the reason
   */
  public static SafeTensors read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString(), null, "no such file");
    }
    try (FileChannel channel = FileChannel.open(file)) {
      return read(channel);
    } catch (JsonProcessingException e) {
      throw unreadable(file, "its header is not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(file, String.valueOf(e.getMessage()), e);
    }
  }

  private static IOException unreadable(Path file, String reason, Exception cause) {
    return new IOException(
        "cannot read the safetensors file " + file + ": " + Texts.shortenReason(reason), cause);
  }

  /** The position of a tensor among the bytes after the header. */
  private record Place(String name, ElementType type, long[] shape, long begin, long end) {}

  private static SafeTensors read(FileChannel channel) throws IOException {
    long length = bytes(channel, 0, Long.BYTES).getLong();
    long available = channel.size() - Long.BYTES;
    if (length < 2 || length > MAX_HEADER_BYTES || length > available) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "its header would have %s bytes, expected 2 to %d",
              Long.toUnsignedString(length),
              Math.min(available, MAX_HEADER_BYTES)));
    }
    JsonNode header = MAPPER.readTree(bytes(channel, Long.BYTES, (int) length).array());
    checkArgument(header.isObject(), "its header is not a JSON object");
    Map<String, String> metadata = metadata(header.path(METADATA));
    List<Place> places = new ArrayList<>();
    header
        .properties()
        .forEach(
            entry -> {
              if (!entry.getKey().equals(METADATA)) {
                places.add(place(entry.getKey(), entry.getValue()));
              }
            });
    checkPlaces(places, available - length);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Place place : places) {
      ByteBuffer data =
          bytes(
              channel,
              Long.BYTES + length + place.begin(),
              Math.toIntExact(place.end() - place.begin()));
      tensors.put(place.name(), Tensor.contiguous(place.type(), data, place.shape(), false));
    }
    return new SafeTensors(tensors, metadata);
  }

  private static Map<String, String> metadata(JsonNode node) {
    Map<String, String> metadata = new LinkedHashMap<>();
    checkArgument(
        node.isObject() || node.isMissingNode(), "its %s is not an object of texts", METADATA);
    node.properties()
        .forEach(
            entry -> {
              checkArgument(
                  entry.getValue().isTextual(),
                  "its %s is not an object of texts: '%s' is a %s",
                  METADATA,
                  entry.getKey(),
                  entry.getValue().getNodeType());
              metadata.put(entry.getKey(), entry.getValue().textValue());
            });
    return metadata;
  }

  private static Place place(String name, JsonNode node) {
    ElementType type = TYPES.get(node.path("dtype").asText());
    checkArgument(
        type != null,
        "tensor '%s' has the dtype %s, expected one of %s",
        name,
        node.path("dtype"),
        TYPES.keySet().stream().sorted().toList());
    long[] shape = wholeNumbers(name, node, "shape");
    long[] offsets = wholeNumbers(name, node, "data_offsets");
    checkArgument(
        offsets.length == 2 && offsets[0] <= offsets[1],
        "tensor '%s' has the data_offsets %s, expected a beginning and an end",
        name,
        node.path("data_offsets"));
    long size = Arrays.stream(shape).reduce(type.bytes(), Saturated::multiply);
    checkArgument(
        size == offsets[1] - offsets[0] && size <= Integer.MAX_VALUE - 8,
        "tensor '%s' of %s and shape %s does not have the %s bytes of its data_offsets",
        name,
        type,
        Arrays.toString(shape),
        offsets[1] - offsets[0]);
    return new Place(name, type, shape, offsets[0], offsets[1]);
  }

  private static long[] wholeNumbers(String name, JsonNode node, String field) {
    JsonNode array = node.path(field);
    checkArgument(array.isArray(), "tensor '%s' has no array '%s'", name, field);
    long[] numbers = new long[array.size()];
    for (int i = 0; i < numbers.length; i++) {
      JsonNode number = array.get(i);
      checkArgument(
          number.isIntegralNumber() && number.canConvertToLong() && number.longValue() >= 0,
          "tensor '%s' has '%s' %s, expected whole numbers from 0",
          name,
          field,
          array);
      numbers[i] = number.longValue();
    }
    return numbers;
  }

  /** Checks that tensors are contiguous and fill the rest of the file. */
  private static void checkPlaces(List<Place> places, long bytes) {
    List<Place> sorted = new ArrayList<>(places);
    sorted.sort(Comparator.comparingLong(Place::begin).thenComparingLong(Place::end));
    long end = 0;
    for (Place place : sorted) {
      checkArgument(
          place.begin() == end,
          "tensor '%s' begins at byte %s, expected %s, where the one before it ends",
          place.name(),
          place.begin(),
          end);
      end = place.end();
    }
    checkArgument(
        end == bytes, "its tensors end at byte %s after the header, expected %s", end, bytes);
  }

  private static ByteBuffer bytes(FileChannel channel, long position, int count)
      throws IOException {
    if (position + count > channel.size()) {
      throw new EOFException("it has " + channel.size() + " bytes only");
    }
    ByteBuffer buffer = littleEndian(count);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("it became shorter while it was read");
      }
    }
    return buffer.flip();
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public String toString() {
    return "SafeTensors[" + tensors + ", " + metadata + "]";
  }
}
