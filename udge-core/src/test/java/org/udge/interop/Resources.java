package org.udge.interop;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** Files beside the tests. */
final class Resources {

  private Resources() {}

  static Path golden(String name) {
    return resource("/golden/" + name);
  }

  static Path pytorch(String name) {
    return resource("/pytorch/" + name);
  }

  static Path numpy(String name) {
    return resource("/numpy/" + name);
  }

  static Path safetensors(String name) {
    return resource("/safetensors/" + name);
  }

  private static Path resource(String name) {
    try {
      return Path.of(Resources.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(name, e);
    }
  }
}
