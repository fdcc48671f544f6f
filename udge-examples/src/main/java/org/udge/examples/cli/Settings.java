package org.udge.examples.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** A command's flags as JSON, and back. */
public final class Settings {

  private static final Set<String> NOT_SAVED =
      Set.of("help", "version", "debug", "load_path", "dry_run");

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private Settings() {}

  /** Every flag with its value, given or default. */
  public static ObjectNode of(CommandSpec spec) {
    ObjectNode node = JsonFiles.object();
    for (OptionSpec option : spec.options()) {
      String name = name(option);
      if (!NOT_SAVED.contains(name)) {
        node.set(name, JsonFiles.value(option.getValue()));
      }
    }
    return node;
  }

  /**
   * Sets the flags that were not given to their values in another run.
   *
   * @param fixed flags that may be given only with their old values
   * @param unset for flags that were not given in the other run, functions that derive their
   *     effective value from its settings
   */
  public static void restore(
      CommandLine line,
      Path file,
      Set<String> fixed,
      Map<String, Function<JsonNode, JsonNode>> unset)
      throws IOException {
    JsonNode saved = JsonFiles.read(file, "the settings of the run to resume");
    List<OptionSpec> given = new ArrayList<>();
    for (OptionSpec option : line.getCommandSpec().options()) {
      JsonNode value = saved.get(name(option));
      if (value != null && line.getParseResult().hasMatchedOption(option)) {
        given.add(option);
      } else if (value != null) {
        set(option, value, file);
      }
    }
    for (OptionSpec option : given) {
      if (fixed.contains(name(option))) {
        JsonNode value = saved.get(name(option));
        boolean means = value.isNull() && unset.containsKey(name(option));
        checkSame(means ? unset.get(name(option)).apply(saved) : value, option, line);
      }
    }
  }

  private static void checkSame(JsonNode saved, OptionSpec option, CommandLine line) {
    JsonNode given = JsonFiles.value(option.getValue());
    if (!saved.equals(Settings::compare, given)) {
      throw new ParameterException(
          line,
          String.format(
              Locale.ROOT,
              "%s cannot change when a run is resumed: it was %s, now it is %s",
              option.longestName(),
              saved.asText(),
              given.asText()));
    }
  }

  /** A number's type in JSON depends on its size and is irrelevant. */
  private static int compare(JsonNode a, JsonNode b) {
    return a.isNumber() && b.isNumber()
        ? a.decimalValue().compareTo(b.decimalValue())
        : a.equals(b) ? 0 : 1;
  }

  private static void set(OptionSpec option, JsonNode value, Path file) throws IOException {
    try {
      option.setValue(value.isNull() ? null : MAPPER.treeToValue(value, option.type()));
    } catch (JsonProcessingException e) {
      throw new IOException(
          file + ": " + name(option) + " is not a " + option.type().getSimpleName(), e);
    }
  }

  private static String name(OptionSpec option) {
    return option.longestName().substring("--".length());
  }
}
