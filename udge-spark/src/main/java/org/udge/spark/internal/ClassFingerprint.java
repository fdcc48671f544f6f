package org.udge.spark.internal;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.udge.EnergyModel;
import org.udge.Provenance;
import org.udge.datasets.ShuffledBatches;

/**
 * Identifies the classes of this library in a process, whether from jars or from folders: the
 * version and a hash of the paths and checksums of all class files.
 */
public final class ClassFingerprint {

  private static final String OWN = "org/udge/";

  /** Computed on first use. */
  private static final class OfThisProcess {
    private static final String VALUE = find();
  }

  private ClassFingerprint() {}

  /**
   * The classes of this process.
   *
   * @return version and hash, equal for equal classes
   */
  public static String ofThisProcess() {
    return OfThisProcess.VALUE;
  }

  private static String find() {
    try {
      Set<URI> places = new LinkedHashSet<>();
      for (Class<?> one :
          List.of(EnergyModel.class, ShuffledBatches.class, ClassFingerprint.class)) {
        CodeSource source = one.getProtectionDomain().getCodeSource();
        places.add(source.getLocation().toURI());
      }
      SortedMap<String, Long> checksums = new TreeMap<>();
      for (URI place : places) {
        Path path = Path.of(place);
        if (Files.isDirectory(path)) {
          addFolder(path, checksums);
        } else {
          addJar(path, checksums);
        }
      }
      Hasher hasher = Hashing.sha256().newHasher();
      checksums.forEach(
          (name, checksum) -> hasher.putUnencodedChars(name).putLong(checksum.longValue()));
      return Provenance.version() + " / " + hasher.hash().toString().substring(0, 12);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException("this library's classes are in no known location", e);
    }
  }

  private static boolean counts(String name) {
    return name.startsWith(OWN)
        && name.endsWith(".class")
        && !name.startsWith(OWN + "examples/")
        && !name.endsWith("package-info.class");
  }

  private static void addJar(Path jar, SortedMap<String, Long> checksums) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile());
        Stream<? extends ZipEntry> entries = zip.stream()) {
      entries
          .filter(entry -> counts(entry.getName()))
          .forEach(entry -> checksums.put(entry.getName(), entry.getCrc()));
    }
  }

  private static void addFolder(Path folder, SortedMap<String, Long> checksums) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        String name = folder.relativize(file).toString().replace('\\', '/');
        if (counts(name)) {
          CRC32 crc = new CRC32();
          crc.update(Files.readAllBytes(file));
          checksums.put(name, crc.getValue());
        }
      }
    }
  }
}
