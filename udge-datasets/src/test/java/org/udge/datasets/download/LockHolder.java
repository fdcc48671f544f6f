package org.udge.datasets.download;

import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A process that holds a lock until a file appears. */
final class LockHolder {

  private LockHolder() {}

  public static void main(String... args) throws Exception {
    try (FileChannel channel =
            FileChannel.open(
                Path.of(args[0]), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      System.out.println("Locked " + lock.isValid());
      while (!Files.exists(Path.of(args[1]))) {
        Thread.sleep(20);
      }
    }
  }
}
