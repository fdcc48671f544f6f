package org.udge;

import org.nd4j.linalg.factory.Nd4j;
import org.udge.internal.OpenMpIdling;

/** Checks that there is something to compute with. */
final class Backend {

  private Backend() {}

  /**
   * Starts ND4J.
   *
   * @throws IllegalStateException if no backend is on the class path, naming what to add
   */
  static void require() {
    OpenMpIdling.shorten();
    try {
      Nd4j.getBackend();
    } catch (ExceptionInInitializerError | NoClassDefFoundError e) {
      throw new IllegalStateException(
          "There is no ND4J backend on the class path: add the dependency"
              + " org.nd4j:nd4j-native:1.0.0-M2.1 with the classifier of your platform, for example"
              + " linux-x86_64 (or org.nd4j:nd4j-cuda-11.6:1.0.0-M2.1 for NVIDIA GPUs).",
          e);
    }
  }
}
