package org.udge.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Links within README.md and docs/ lead to files and headings that are there. */
class DocumentedLinksTest {

  private static final Pattern FENCE =
      Pattern.compile("^```.*?^```$", Pattern.DOTALL | Pattern.MULTILINE);

  private static final Pattern LINK = Pattern.compile("\\]\\((?<target>[^)\\s]+)\\)");

  private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);

  @Test
  void links_lead_somewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path document : Documents.all()) {
      broken.addAll(brokenLinks(document, Files.readString(document)));
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void finds_broken_links() throws IOException {
    Path guide = Documents.ROOT.resolve("docs/guide.md");
    assertThat(brokenLinks(guide, "[a](#installation) [b](nowhere.md) [c](cli.md#nothing) ..."))
        .containsExactly("guide.md: nowhere.md", "guide.md: cli.md#nothing");
  }

  @Test
  void every_document_is_linked_from_the_readme() throws IOException {
    String readme = Files.readString(Documents.ROOT.resolve("README.md"));
    assertThat(Documents.all().stream().skip(1))
        .allSatisfy(file -> assertThat(readme).contains("](docs/" + file.getFileName()));
  }

  private static List<String> brokenLinks(Path document, String text) throws IOException {
    List<String> broken = new ArrayList<>();
    Matcher link = LINK.matcher(FENCE.matcher(text).replaceAll(""));
    while (link.find()) {
      String target = link.group("target");
      if (!target.contains("://") && !leadsSomewhere(document, target)) {
        broken.add(document.getFileName() + ": " + target);
      }
    }
    return broken;
  }

  private static boolean leadsSomewhere(Path document, String target) throws IOException {
    String[] parts = target.split("#", 2);
    Path file = parts[0].isEmpty() ? document : document.resolveSibling(parts[0]);
    return Files.exists(file) && (parts.length == 1 || headings(file).contains(parts[1]));
  }

  /** As GitHub names them in addresses. */
  private static Set<String> headings(Path file) throws IOException {
    String text = FENCE.matcher(Files.readString(file)).replaceAll("");
    return HEADING
        .matcher(text)
        .results()
        .map(m -> m.group(1).toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\w\\- ]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }
}
