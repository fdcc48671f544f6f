package org.udge.examples.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportPageTest {

  @TempDir private Path folder;

  private String json() throws IOException {
    SampleRuns.awkward(folder);
    Runs runs =
        new RunFinder(
                List.of(folder), new RunReader(List.of("progress.csv"), List.of("variant.json")))
            .find();
    return ReportJson.of(runs, "today", false, picture -> "");
  }

  @Test
  void data_have_no_character_of_html() throws IOException {
    assertThat(json()).doesNotContain("<").doesNotContain(">").doesNotContain("&");
    JsonNode parsed = new ObjectMapper().readTree(json());
    assertThat(parsed.at("/runs/0/name").asText()).isEqualTo(SampleRuns.HOSTILE);
    assertThat(parsed.at("/runs/0/settings/alpha").asText())
        .isEqualTo("</script><script>alert(3)</script>");
    assertThat(parsed.at("/runs/1/data").toString()).isEqualTo("[[10,20,30],[5,\"NaN\",4]]");
  }

  @Test
  void allows_exactly_its_own_scripts_and_style() throws Exception {
    String page = ReportPage.of(json());
    Matcher policy = Pattern.compile("Security-Policy\" content=\"([^\"]*)\"").matcher(page);
    assertThat(policy.find()).isTrue();
    assertThat(policy.group(1))
        .startsWith("default-src 'none'; script-src 'sha256-")
        .doesNotContain("unsafe")
        .doesNotContain("http");
    Matcher scripts = Pattern.compile("<script>(.*?)</script>", Pattern.DOTALL).matcher(page);
    int count = 0;
    while (scripts.find()) {
      count++;
      assertThat(policy.group(1)).contains(hash(scripts.group(1)));
    }
    assertThat(count).isEqualTo(3);
  }

  private static String hash(String text) throws Exception {
    return Base64.getEncoder()
        .encodeToString(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void names_no_address_and_carries_the_license_of_its_charts() throws IOException {
    String page = ReportPage.of(json());
    assertThat(
            page.replace("http://www.w3.org/2000/svg", "")
                .replaceAll("https://github.com/leeoniya/uPlot\\S*", ""))
        .doesNotContain("http://")
        .doesNotContain("https://");
    assertThat(page).contains("Leon Sorokin").contains("Permission is hereby granted");
  }
}
