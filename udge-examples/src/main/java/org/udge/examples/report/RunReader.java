package org.udge.examples.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.udge.examples.report.ReportRun.Event;
import org.udge.examples.report.ReportRun.Picture;

/**
 * Reads the files of one run. Immutable and thread-safe.
 *
 * @param progress names of the progress table; the first that exists is used
 * @param settings names of the settings file; the first that exists is used
 */
record RunReader(List<String> progress, List<String> settings) {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(com.fasterxml.jackson.core.json.JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .build();

  private static final long MAX_JSON_BYTES = 16L << 20;
  private static final Pattern PICTURE =
      Pattern.compile("(.*?)(?:[_-](?:epoch)?(\\d{1,15}))?\\.(?:png|jpe?g)");
  private static final Pattern STEP = Pattern.compile("\\bstep (\\d{1,18})\\b");
  private static final String CONTINUES = "continues";

  RunReader {
    progress = List.copyOf(progress);
    settings = List.copyOf(settings);
  }

  /** The content of a folder. */
  record Reading(Optional<ReportRun> run, List<Problem> problems) {}

  /** Whether a file of this name is part of a run. */
  boolean reads(Path file) {
    String name = file.getFileName().toString();
    return makesRun(file) || settings.contains(name) || isPicture(name);
  }

  /** Whether a folder with this file is a run. */
  boolean makesRun(Path file) {
    String name = file.getFileName().toString();
    return progress.contains(name) || name.equals(RunFinder.RESULT);
  }

  private static boolean isPicture(String name) {
    return !name.startsWith(".") && PICTURE.matcher(name.toLowerCase(Locale.ROOT)).matches();
  }

  /**
   * Reads a folder. If the progress table is damaged, there is no run; otherwise all intact files
   * are used.
   */
  Reading read(Path folder) {
    List<Problem> problems = new ArrayList<>();
    Optional<RunColumns> columns = first(folder, progress, RunColumns::read, problems);
    boolean brokenColumns = !problems.isEmpty();
    Optional<JsonNode> given = first(folder, settings, RunReader::json, problems);
    Optional<JsonNode> result = first(folder, List.of(RunFinder.RESULT), RunReader::json, problems);
    if (brokenColumns || (columns.isEmpty() && result.isEmpty())) {
      return new Reading(Optional.empty(), problems);
    }
    Map<String, String> flat = new LinkedHashMap<>();
    given
        .or(() -> result.map(node -> node.path("config")))
        .ifPresent(node -> flatten("", node, flat));
    String origin = flat.remove(CONTINUES);
    List<String> continues =
        result
            .map(node -> node.path(CONTINUES))
            .flatMap(RunReader::origin)
            .or(() -> given.map(node -> node.path(CONTINUES)).flatMap(RunReader::origin))
            .or(() -> Optional.ofNullable(origin))
            .map(List::of)
            .orElse(List.of());
    return new Reading(
        Optional.of(
            new ReportRun(
                folder.toString(),
                folder,
                flat,
                columns.orElse(RunColumns.NONE),
                result.map(RunReader::metrics).orElse(Map.of()),
                result.map(RunReader::events).orElse(List.of()),
                pictures(folder, problems),
                continues,
                result.map(node -> node.path("load_path")).flatMap(RunReader::origin))),
        problems);
  }

  /** Reads a file. */
  private interface FileReader<T> {
    T read(Path file) throws IOException;
  }

  private static <T> Optional<T> first(
      Path folder, List<String> names, FileReader<T> reader, List<Problem> problems) {
    for (String name : names) {
      Path file = folder.resolve(name);
      if (Files.isRegularFile(file)) {
        try {
          return Optional.of(reader.read(file));
        } catch (IOException e) {
          problems.add(new Problem(name, e.getMessage()));
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  private static JsonNode json(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MAX_JSON_BYTES) {
      throw new IOException("it has " + size + " bytes, more than " + MAX_JSON_BYTES);
    }
    try {
      JsonNode node = MAPPER.readTree(file.toFile());
      if (!node.isObject()) {
        throw new IOException("it is not a JSON object");
      }
      return node;
    } catch (JsonProcessingException e) {
      throw new IOException("it is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** {@code {"a": {"b": 1}}} becomes {@code a.b = 1}. */
  private static void flatten(String name, JsonNode node, Map<String, String> flat) {
    if (node.isObject() && (!node.isEmpty() || name.isEmpty())) {
      node.properties()
          .forEach(
              entry ->
                  flatten(
                      name.isEmpty() ? entry.getKey() : name + "." + entry.getKey(),
                      entry.getValue(),
                      flat));
    } else if (!node.isMissingNode()) {
      flat.put(name, text(node));
    }
  }

  /** Equal numbers, such as 1.0 and 1, have the same text. */
  private static String text(JsonNode node) {
    if (node.isNumber()) {
      double value = node.doubleValue();
      return value == Math.rint(value) && Math.abs(value) < 1e15
          ? String.valueOf((long) value)
          : node.asText();
    }
    return node.isValueNode() ? node.asText() : node.toString();
  }

  private static Optional<String> origin(JsonNode node) {
    if (node.isTextual() && !node.textValue().isBlank()) {
      return Optional.of(node.textValue());
    }
    for (String key : List.of("folder", "run", "path")) {
      if (node.path(key).isTextual()) {
        return Optional.of(node.path(key).textValue());
      }
    }
    return Optional.empty();
  }

  private static Map<String, Double> metrics(JsonNode result) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    result
        .path("metrics")
        .properties()
        .forEach(
            entry -> {
              if (entry.getValue().isNumber()) {
                metrics.put(entry.getKey(), entry.getValue().doubleValue());
              }
            });
    return metrics;
  }

  private static List<Event> events(JsonNode result) {
    List<Event> events = new ArrayList<>();
    for (JsonNode node : result.path("divergence")) {
      String text = node.isTextual() ? node.textValue() : node.toString();
      Matcher step = STEP.matcher(text);
      if (node.path("step").isIntegralNumber()) {
        String words = node.path("text").isTextual() ? node.path("text").textValue() : text;
        events.add(new Event(OptionalLong.of(node.path("step").longValue()), words));
      } else {
        events.add(
            new Event(
                step.find() ? OptionalLong.of(Long.parseLong(step.group(1))) : OptionalLong.empty(),
                text));
      }
    }
    return events;
  }

  private static List<Picture> pictures(Path folder, List<Problem> problems) {
    List<Picture> pictures = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files
          .filter(file -> isPicture(file.getFileName().toString()) && Files.isRegularFile(file))
          .forEach(file -> pictures.add(picture(file)));
    } catch (IOException e) {
      problems.add(new Problem("", "its pictures cannot be listed: " + e.getMessage()));
    }
    pictures.sort(
        Comparator.comparing(Picture::kind)
            .thenComparing(picture -> picture.number().orElse(-1))
            .thenComparing(Picture::file));
    return pictures;
  }

  private static Picture picture(Path file) {
    String name = file.getFileName().toString();
    Matcher parts = PICTURE.matcher(name.toLowerCase(Locale.ROOT));
    if (!parts.matches()) {
      throw new IllegalArgumentException(name + " is not the name of a picture");
    }
    return new Picture(
        name.substring(0, parts.end(1)),
        parts.group(2) == null
            ? OptionalLong.empty()
            : OptionalLong.of(Long.parseLong(parts.group(2))),
        file);
  }
}
