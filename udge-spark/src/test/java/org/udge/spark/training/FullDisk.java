package org.udge.spark.training;

import java.io.IOException;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** Has no room for what worker 1 writes of round 6. */
public final class FullDisk extends LocalFileSystem {

  @Override
  public void copyFromLocalFile(boolean delete, boolean overwrite, Path source, Path target)
      throws IOException {
    if (target.toString().contains("round-00000006") && target.getName().contains("00001")) {
      throw new IOException("No space left on device");
    }
    super.copyFromLocalFile(delete, overwrite, source, target);
  }
}
