package org.udge.fuzz;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.udge.random.RandomStream;

/** Ways to change files. */
public final class Mutators {

  private static final long[] EXTREMES = {
    0,
    1,
    -1,
    2,
    10,
    127,
    128,
    255,
    256,
    32_767,
    65_535,
    1_000_000,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 32,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private static final int MOST_BYTES = 1 << 20;

  private Mutators() {}

  /** Flips, cuts, doubles, moves and overwrites bytes, without regard of what they mean. */
  public static byte[] bytes(byte[] seed, RandomStream random) {
    if (seed.length == 0) {
      return new byte[] {(byte) random.nextInt(256)};
    }
    return switch (random.nextInt(7)) {
      case 0 -> flip(seed, random);
      case 1 -> Arrays.copyOf(seed, random.nextInt(seed.length));
      case 2, 3 -> overwrite(seed, random);
      case 4 -> insert(seed, random.nextInt(seed.length + 1), slice(seed, random));
      case 5 -> splice(seed, random);
      default -> delete(seed, random);
    };
  }

  private static byte[] flip(byte[] seed, RandomStream random) {
    byte[] changed = seed.clone();
    for (int i = 1 + random.nextInt(8); i > 0; i--) {
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return changed;
  }

  /** Writes a number that someone may have forgotten, in any length and order. */
  private static byte[] overwrite(byte[] seed, RandomStream random) {
    byte[] number = new byte[1 << random.nextInt(4)];
    long value = EXTREMES[random.nextInt(EXTREMES.length)];
    boolean little = random.nextBoolean();
    for (int i = 0; i < number.length; i++) {
      number[little ? i : number.length - 1 - i] = (byte) (value >>> 8 * i);
    }
    byte[] changed = seed.clone();
    int at = random.nextInt(changed.length);
    System.arraycopy(number, 0, changed, at, Math.min(number.length, changed.length - at));
    return changed;
  }

  private static byte[] slice(byte[] seed, RandomStream random) {
    int start = random.nextInt(seed.length);
    int length = 1 + random.nextInt(Math.min(64, seed.length - start));
    return Arrays.copyOfRange(seed, start, start + length);
  }

  private static byte[] splice(byte[] seed, RandomStream random) {
    byte[] slice = slice(seed, random);
    byte[] changed = seed.clone();
    System.arraycopy(
        slice, 0, changed, random.nextInt(seed.length - slice.length + 1), slice.length);
    return changed;
  }

  private static byte[] delete(byte[] seed, RandomStream random) {
    int start = random.nextInt(seed.length);
    int end = start + 1 + random.nextInt(Math.min(64, seed.length - start));
    byte[] changed = Arrays.copyOf(seed, seed.length - (end - start));
    System.arraycopy(seed, end, changed, start, seed.length - end);
    return changed;
  }

  private static byte[] insert(byte[] seed, int at, byte[] more) {
    if (seed.length + more.length > MOST_BYTES) {
      return seed;
    }
    byte[] changed = Arrays.copyOf(seed, seed.length + more.length);
    System.arraycopy(more, 0, changed, at, more.length);
    System.arraycopy(seed, at, changed, at + more.length, seed.length - at);
    return changed;
  }

  /** Changes what is in a zip: its checksums stay right. */
  public static Fuzz.Mutator zip(boolean stored, Map<String, Fuzz.Mutator> byEnding) {
    return (seed, random) -> {
      Map<String, byte[]> entries = unzip(seed);
      if (entries.isEmpty()) {
        return bytes(seed, random);
      }
      List<String> names = List.copyOf(entries.keySet());
      String name = names.get(random.nextInt(names.size()));
      switch (random.nextInt(20)) {
        case 0 -> entries.remove(name);
        case 1 -> entries.put(name, entries.get(names.get(random.nextInt(names.size()))));
        case 2 -> {
          byte[] changed = flip(name.getBytes(StandardCharsets.UTF_8), random);
          entries.put(new String(changed, StandardCharsets.ISO_8859_1), entries.remove(name));
        }
        default -> {
          Fuzz.Mutator mutator = Mutators::bytes;
          for (Map.Entry<String, Fuzz.Mutator> special : byEnding.entrySet()) {
            mutator =
                name.endsWith(special.getKey()) && random.nextInt(4) > 0
                    ? special.getValue()
                    : mutator;
          }
          entries.put(name, mutator.mutate(entries.get(name), random));
        }
      }
      return zip(entries, stored);
    };
  }

  private static Map<String, byte[]> unzip(byte[] content) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(content))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entries.put(entry.getName(), zip.readNBytes(MOST_BYTES));
      }
    } catch (IOException | IllegalArgumentException e) {
      // An earlier change may have made it no zip; what was found so far is enough.
      return entries;
    }
    return entries;
  }

  private static byte[] zip(Map<String, byte[]> entries, boolean stored) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> content : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(content.getKey());
        if (stored) {
          CRC32 checksum = new CRC32();
          checksum.update(content.getValue());
          entry.setMethod(ZipEntry.STORED);
          entry.setSize(content.getValue().length);
          entry.setCrc(checksum.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(content.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static final Pattern TOKEN =
      Pattern.compile("\"[^\"]*\"|-?[0-9][0-9.eE+-]*|true|false|null|[\\[\\]{},:]");

  private static final List<String> VALUES =
      List.of(
          "0",
          "-1",
          "1",
          "2147483647",
          "-2147483648",
          "9223372036854775807",
          "1e300",
          "NaN",
          "null",
          "true",
          "\"\"",
          "\"2\"",
          "[]",
          "{}",
          "[1, 2, 3]",
          "[[1]]",
          "\"java.lang.Thread\"",
          "{\"@class\" : \"java.util.HashMap\"}",
          "[\"org.deeplearning4j.nn.conf.layers.DenseLayer\", {}]");

  /** Replaces a word or sign of a JSON text by another, by extremes, or repeats and drops it. */
  public static byte[] json(byte[] seed, RandomStream random) {
    String text = new String(seed, StandardCharsets.UTF_8);
    List<MatchResult> tokens = TOKEN.matcher(text).results().toList();
    if (tokens.isEmpty()) {
      return bytes(seed, random);
    }
    MatchResult at = tokens.get(random.nextInt(tokens.size()));
    // Values more often than signs, which only make the text unreadable.
    for (int i = 0; i < 5 && at.end() - at.start() == 1; i++) {
      at = tokens.get(random.nextInt(tokens.size()));
    }
    String other =
        switch (random.nextInt(4)) {
          case 0 -> tokens.get(random.nextInt(tokens.size())).group();
          case 1 -> at.group().repeat(random.nextInt(3));
          case 2 -> "[".repeat(random.nextInt(400));
          default -> VALUES.get(random.nextInt(VALUES.size()));
        };
    return (text.substring(0, at.start()) + other + text.substring(at.end()))
        .getBytes(StandardCharsets.UTF_8);
  }

  private static final byte[] OPCODES =
      "().}]aestRQbcqhKJMNXGr\u0080\u0081\u0085\u0086\u0087\u0088\u0089\u008a\u008c\u0093\u0094\u0095"
          .getBytes(StandardCharsets.ISO_8859_1);

  /** Puts instructions of a pickle where none were, and numbers that they may take. */
  public static byte[] pickle(byte[] seed, RandomStream random) {
    int at = random.nextInt(seed.length + 1);
    int opcode = OPCODES[random.nextInt(OPCODES.length)];
    return switch (random.nextInt(4)) {
      case 0 -> insert(seed, at, new byte[] {(byte) opcode});
      case 1 -> insert(seed, at, new byte[] {(byte) opcode, (byte) random.nextInt(8)});
      case 2 -> {
        ByteBuffer number = ByteBuffer.allocate(5).order(ByteOrder.LITTLE_ENDIAN);
        number.put((byte) 'J').putInt((int) EXTREMES[random.nextInt(EXTREMES.length)]);
        yield insert(seed, at, number.array());
      }
      default -> {
        byte[] changed = seed.clone();
        if (changed.length > 0) {
          changed[random.nextInt(changed.length)] = (byte) opcode;
        }
        yield changed;
      }
    };
  }

  /** Joins the start of one file with the end of another. */
  public static Fuzz.Mutator join(List<byte[]> others) {
    List<byte[]> all = new ArrayList<>(others);
    return (seed, random) -> {
      byte[] other = all.get(random.nextInt(all.size()));
      int start = random.nextInt(seed.length + 1);
      int from = random.nextInt(other.length + 1);
      byte[] changed = Arrays.copyOf(seed, start + other.length - from);
      System.arraycopy(other, from, changed, start, other.length - from);
      return changed;
    };
  }
}
