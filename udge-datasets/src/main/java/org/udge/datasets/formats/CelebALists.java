package org.udge.datasets.formats;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The text files of CelebA: {@code list_attr_celeba.txt} (a line with the number of images, a line
 * with the 40 names of attributes, then one line per image: its file, and 1 or -1 for each
 * attribute) and {@code list_eval_partition.txt} (one line per image: its file, and 0 train, 1
 * validation, 2 test). Comma-separated versions of these tables, which are also in circulation, are
 * supported too.
 *
 * <p>Source: <a href="https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html">Liu et al. 2015,
 * Large-scale CelebFaces Attributes</a>.
 */
public final class CelebALists {

  private static final int LONGEST_LINE = 4096;
  private static final int MOST_IMAGES = 1 << 20;

  private CelebALists() {}

  /**
   * Reads one attribute of all images.
   *
   * @param file the list of attributes
   * @param attribute its name, not case-sensitive
   * @return 1 or 0 by the image's file name, in the order of the list
   * @throws IOException if the file cannot be read, has no such attribute, or contains an invalid
   *     line; the message names file and line
   */
  public static Map<String, Integer> attribute(Path file, String attribute) throws IOException {
    List<String[]> lines = lines(file);
    int header = 0;
    if (!lines.isEmpty() && lines.get(0).length == 1 && lines.get(0)[0].matches("\\d+")) {
      header++;
    }
    if (header >= lines.size()) {
      throw new IOException(file + " is not a list of attributes: it has no line of their names");
    }
    String[] names = lines.get(header);
    int skipped = names[0].toLowerCase(Locale.ROOT).equals("image_id") ? 1 : 0;
    List<String> attributes = Arrays.asList(names).subList(skipped, names.length);
    int index = indexOf(attributes, attribute);
    if (index < 0) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s has no attribute '%s': it has %s",
              file,
              attribute,
              String.join(", ", attributes)));
    }
    Map<String, Integer> values = new LinkedHashMap<>();
    for (int i = header + 1; i < lines.size(); i++) {
      String[] line = lines.get(i);
      if (line.length != attributes.size() + 1) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s, line %d: it has %d parts, expected a file's name and %d attributes",
                file,
                i + 1,
                line.length,
                attributes.size()));
      }
      values.put(
          line[0],
          switch (line[index + 1]) {
            case "1" -> 1;
            case "-1", "0" -> 0;
            default ->
                throw new IOException(
                    String.format(
                        Locale.ROOT,
                        "%s, line %d: %s is '%s', expected 1 or -1",
                        file,
                        i + 1,
                        attributes.get(index),
                        line[index + 1]));
          });
    }
    return values;
  }

  private static int indexOf(List<String> names, String wanted) {
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).equalsIgnoreCase(wanted)) {
        return i;
      }
    }
    return -1;
  }

  /**
   * Reads which part each image belongs to.
   *
   * @param file the list of partitions
   * @return 0 (train), 1 (validation) or 2 (test) by the image's file name, in the order of the
   *     list
   * @throws IOException if the file cannot be read, or contains an invalid line; the message names
   *     file and line
   */
  public static Map<String, Integer> partitions(Path file) throws IOException {
    Map<String, Integer> parts = new LinkedHashMap<>();
    List<String[]> lines = lines(file);
    for (int i = 0; i < lines.size(); i++) {
      String[] line = lines.get(i);
      if (i == 0 && line.length == 2 && line[1].equals("partition")) {
        continue;
      }
      if (line.length != 2 || !line[1].matches("[012]")) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s, line %d: expected a file's name and 0, 1 or 2, was '%s'",
                file,
                i + 1,
                ImageDecoder.messageOf(new IOException(String.join(" ", line)))));
      }
      parts.put(line[0], Integer.parseInt(line[1]));
    }
    return parts;
  }

  private static List<String[]> lines(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString(), null, "expected a list of CelebA");
    }
    List<String[]> lines = new ArrayList<>();
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      StringBuilder line = new StringBuilder();
      for (int c = reader.read(); c >= 0; c = reader.read()) {
        if (c == '\n') {
          add(lines, line);
        } else if (line.length() == LONGEST_LINE || lines.size() > MOST_IMAGES) {
          throw new IOException(
              String.format(
                  Locale.ROOT,
                  "%s, line %d: no list of CelebA has lines this long, or this many",
                  file,
                  lines.size() + 1));
        } else {
          line.append((char) c);
        }
      }
      add(lines, line);
    }
    return lines;
  }

  private static void add(List<String[]> lines, StringBuilder line) {
    String text = line.toString().strip();
    line.setLength(0);
    if (!text.isEmpty()) {
      lines.add(text.indexOf(',') >= 0 ? cells(text) : text.split("\\s+"));
    }
  }

  /** Splits at commas, keeping empty strings, including trailing ones. */
  private static String[] cells(String line) {
    return Arrays.stream(line.split(",", -1)).map(String::strip).toArray(String[]::new);
  }
}
