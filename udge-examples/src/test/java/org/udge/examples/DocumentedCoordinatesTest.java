package org.udge.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** What README.md and docs/ tell to depend on is what the POMs name, in their versions. */
class DocumentedCoordinatesTest {

  private static final Pattern BLOCK =
      Pattern.compile(
          "^```(?<language>xml|groovy)\\n(?<text>.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

  /** {@code 'group:artifact:version:classifier'}, the last two optional. */
  private static final Pattern GRADLE =
      Pattern.compile("['\"](?<name>[\\w.]+:[\\w.-]+)(?::(?<version>[^:'\"]+))?(?::[^'\"]*)?['\"]");

  private static final Pattern PROPERTY = Pattern.compile("\\$\\{([\\w.-]+)}");

  /** A dependency as someone wrote it down; {@code name} is group:artifact. */
  private record Coordinates(String name, Optional<String> version) {}

  @Test
  void documents_name_dependencies_and_versions_of_the_poms() throws Exception {
    Map<String, Set<String>> known = knownVersions();
    List<String> wrong = new ArrayList<>();
    int seen = 0;
    for (Path document : Documents.all()) {
      for (Coordinates named : coordinates(Files.readString(document))) {
        seen++;
        Set<String> versions = known.getOrDefault(named.name, Set.of());
        if (versions.isEmpty() || !named.version.map(versions::contains).orElse(true)) {
          wrong.add(document.getFileName() + ": " + named + ", the POMs have " + versions);
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(seen).isGreaterThan(10);
  }

  @Test
  void gradle_users_are_told_all_that_the_cpu_artifact_brings() throws Exception {
    Set<String> brought =
        dependencies(parse(Files.readString(Documents.ROOT.resolve("udge-cpu/pom.xml")))).stream()
            .map(Coordinates::name)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(brought).contains("org.nd4j:nd4j-native");
    assertThat(coordinates(Files.readString(Documents.ROOT.resolve("docs/guide.md")), "groovy"))
        .extracting(Coordinates::name)
        .containsAll(brought);
  }

  @Test
  void reads_both_notations() throws Exception {
    String document =
        """
        ```xml
        <dependency><groupId>a.b</groupId><artifactId>c</artifactId><version>1</version></dependency>
        ```
        ```groovy
        runtimeOnly "a.b:d:2-x:${nativeCode}"
        implementation 'a.b:e'
        ```
        """;
    assertThat(coordinates(document))
        .containsExactly(
            new Coordinates("a.b:c", Optional.of("1")),
            new Coordinates("a.b:d", Optional.of("2-x")),
            new Coordinates("a.b:e", Optional.empty()));
  }

  private static List<Coordinates> coordinates(String document) throws Exception {
    List<Coordinates> all = new ArrayList<>(coordinates(document, "xml"));
    all.addAll(coordinates(document, "groovy"));
    return all;
  }

  private static List<Coordinates> coordinates(String document, String language) throws Exception {
    List<Coordinates> found = new ArrayList<>();
    Matcher block = BLOCK.matcher(document.replace("\r\n", "\n"));
    while (block.find()) {
      if (!block.group("language").equals(language)) {
        continue;
      }
      String text = block.group("text");
      if (language.equals("xml")) {
        found.addAll(dependencies(parse("<all>" + text + "</all>")));
      } else {
        GRADLE
            .matcher(text)
            .results()
            .map(
                m ->
                    new Coordinates(m.group(1), Optional.ofNullable(m.group(2)).map(String::strip)))
            .forEach(found::add);
      }
    }
    return found;
  }

  /** Versions by name, of all dependencies that a POM of this project manages or has. */
  private static Map<String, Set<String>> knownVersions() throws Exception {
    Element parent = parse(Files.readString(Documents.ROOT.resolve("pom.xml")));
    Map<String, String> properties = new HashMap<>(properties(parent));
    properties.put("project.version", text(parent, "version").orElseThrow());
    Map<String, Set<String>> known = new HashMap<>();
    for (Path file : poms()) {
      Element pom = parse(Files.readString(file));
      Map<String, String> all = new HashMap<>(properties);
      all.putAll(properties(pom));
      for (Coordinates dependency : dependencies(pom)) {
        dependency.version.ifPresent(
            version ->
                known
                    .computeIfAbsent(dependency.name, name -> new TreeSet<>())
                    .add(resolved(version, all)));
      }
    }
    known
        .computeIfAbsent("org.udge:udge-bom", name -> new TreeSet<>())
        .add(properties.get("project.version"));
    return known;
  }

  private static List<Path> poms() throws IOException {
    try (Stream<Path> files = Files.walk(Documents.ROOT)) {
      return files
          .filter(file -> file.endsWith("pom.xml"))
          .filter(file -> !Documents.ROOT.relativize(file).toString().contains("target"))
          .toList();
    }
  }

  private static String resolved(String version, Map<String, String> properties) {
    String text = version;
    for (Matcher m = PROPERTY.matcher(text);
        m.find() && properties.containsKey(m.group(1));
        m = PROPERTY.matcher(text)) {
      text = text.replace(m.group(), properties.get(m.group(1)));
    }
    return text;
  }

  private static Map<String, String> properties(Element pom) {
    return children(pom)
        .filter(child -> child.getTagName().equals("properties"))
        .flatMap(DocumentedCoordinatesTest::children)
        .collect(Collectors.toMap(Element::getTagName, Node::getTextContent));
  }

  private static List<Coordinates> dependencies(Element xml) {
    NodeList found = xml.getElementsByTagName("dependency");
    return IntStream.range(0, found.getLength())
        .mapToObj(i -> (Element) found.item(i))
        .map(
            d ->
                new Coordinates(
                    text(d, "groupId").orElseThrow() + ":" + text(d, "artifactId").orElseThrow(),
                    text(d, "version")))
        .toList();
  }

  private static Optional<String> text(Element element, String child) {
    return children(element)
        .filter(each -> each.getTagName().equals(child))
        .map(each -> each.getTextContent().strip())
        .findFirst();
  }

  private static Stream<Element> children(Element element) {
    NodeList nodes = element.getChildNodes();
    return IntStream.range(0, nodes.getLength())
        .mapToObj(nodes::item)
        .filter(Element.class::isInstance)
        .map(Element.class::cast);
  }

  private static Element parse(String xml) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)))
        .getDocumentElement();
  }
}
