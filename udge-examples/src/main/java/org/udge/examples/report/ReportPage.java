package org.udge.examples.report;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page: the template with style, scripts and data filled in, and a policy that permits nothing
 * else.
 */
final class ReportPage {

  private static final String UPLOT_VERSION = "1.6.30";
  private static final String UPLOT = "/META-INF/resources/webjars/uplot/" + UPLOT_VERSION + "/";
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(\\w+)}}");

  private ReportPage() {}

  /** A page that contains all its data, for opening from a file. */
  static String of(String reportJson) throws IOException {
    return page(reportJson, "img-src data: blob:");
  }

  /** A page that requests its data from its server. */
  static String live() throws IOException {
    return page(ReportJson.live(), "img-src 'self' data: blob:; connect-src 'self'");
  }

  private static String page(String reportJson, String sources) throws IOException {
    String style = resource(UPLOT + "dist/uPlot.min.css") + "\n" + resource("report.css");
    String uplot =
        "/*! " + resource(UPLOT + "LICENSE") + "*/\n" + resource(UPLOT + "dist/uPlot.iife.min.js");
    String runs = resource("runs.js");
    String page = resource("page.js");
    for (String script : List.of(uplot, runs, page)) {
      if (script.contains("</script")) {
        throw new IOException("a script of the report has a '</script' within");
      }
    }
    String policy =
        String.format(
            Locale.ROOT,
            "default-src 'none'; script-src %s %s %s; style-src %s; %s; base-uri 'none';"
                + " form-action 'none'",
            hash(uplot),
            hash(runs),
            hash(page),
            hash(style),
            sources);
    Map<String, String> parts =
        Map.of(
            "policy", policy,
            "style", style,
            "report", reportJson,
            "uplot", uplot,
            "runs", runs,
            "page", page);
    return PLACEHOLDER
        .matcher(resource("report.html"))
        .replaceAll(found -> Matcher.quoteReplacement(parts.get(found.group(1))));
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException("the program lacks its resource " + name);
      }
      // Hashes are computed on the text as browsers read it.
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    }
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
