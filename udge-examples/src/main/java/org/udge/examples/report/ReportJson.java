package org.udge.examples.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The input of {@code runs.js}. Safe within a page: the text has no characters that are special in
 * HTML.
 */
final class ReportJson {

  private static final JsonFactory FACTORY = new JsonFactory();

  private ReportJson() {}

  /** Determines the address at which the page finds a picture. */
  interface PictureSource {
    String of(ReportRun.Picture picture) throws IOException;
  }

  /** A page that requests its runs. */
  static String live() {
    return "{\"runs\":[],\"problems\":[],\"made\":\"\",\"live\":true}";
  }

  static String of(Runs runs, String made, boolean live, PictureSource pictures)
      throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("made", made);
      json.writeBooleanField("live", live);
      json.writeArrayFieldStart("problems");
      for (Problem problem : runs.problems()) {
        json.writeStartObject();
        json.writeStringField("file", problem.file());
        json.writeStringField("reason", String.valueOf(problem.reason()));
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("runs");
      for (ReportRun run : runs.runs()) {
        write(json, run, pictures);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    // These occur only within strings.
    return text.toString()
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }

  private static void write(JsonGenerator json, ReportRun run, PictureSource pictures)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("name", run.name());
    json.writeObjectFieldStart("settings");
    for (Map.Entry<String, String> setting : run.settings().entrySet()) {
      json.writeStringField(setting.getKey(), setting.getValue());
    }
    json.writeEndObject();
    writeTexts(json, "columns", run.columns().names());
    writeTexts(json, "continues", run.continues());
    json.writeArrayFieldStart("data");
    for (List<RunColumns.Cell> column : run.columns().cells()) {
      json.writeStartArray();
      for (RunColumns.Cell cell : column) {
        write(json, cell);
      }
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeObjectFieldStart("metrics");
    for (Map.Entry<String, Double> metric : run.metrics().entrySet()) {
      if (Double.isFinite(metric.getValue())) {
        json.writeNumberField(metric.getKey(), metric.getValue());
      }
    }
    json.writeEndObject();
    json.writeArrayFieldStart("events");
    for (ReportRun.Event event : run.events()) {
      json.writeStartObject();
      writeNumber(json, "step", event.step());
      json.writeStringField("text", event.text());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("pictures");
    for (ReportRun.Picture picture : run.pictures()) {
      json.writeStartObject();
      json.writeStringField("kind", picture.kind());
      writeNumber(json, "number", picture.number());
      json.writeStringField("source", pictures.of(picture));
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, RunColumns.Cell cell) throws IOException {
    switch (cell.kind()) {
      case NUMBER -> writeNumber(json, cell.value());
      case BLANK -> json.writeNull();
      case NOT_A_NUMBER -> json.writeString("NaN");
    }
  }

  /** Whole numbers without ".0": tables of steps are half as long. */
  private static void writeNumber(JsonGenerator json, double value) throws IOException {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      json.writeNumber((long) value);
    } else {
      json.writeNumber(value);
    }
  }

  private static void writeNumber(JsonGenerator json, String name, OptionalLong value)
      throws IOException {
    if (value.isPresent()) {
      json.writeNumberField(name, value.getAsLong());
    } else {
      json.writeNullField(name);
    }
  }

  private static void writeTexts(JsonGenerator json, String name, List<String> texts)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }
}
