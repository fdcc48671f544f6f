package org.udge.datasets.download;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.net.URI;

/**
 * A file of a published data set.
 *
 * @param address its address
 * @param name its name in the data set's folder
 * @param size its size in bytes
 * @param sha256 its SHA-256, 64 hexadecimal digits in lower case
 */
public record RemoteFile(URI address, String name, long size, String sha256) {

  /**
   * Checks the parts.
   *
   * @param address its address
   * @param name its name in the data set's folder, without a path
   * @param size bytes, at least 1
   * @param sha256 its SHA-256, 64 hexadecimal digits in lower case
   * @throws IllegalArgumentException if a part is not as described
   */
  public RemoteFile {
    requireNonNull(address);
    checkArgument(
        name.matches("[A-Za-z0-9_][A-Za-z0-9_.-]*"), "a file's name must have no path: '%s'", name);
    checkArgument(size > 0, "size must be at least 1, was %s", size);
    checkArgument(
        sha256.matches("[0-9a-f]{64}"), "sha256 must be 64 hexadecimal digits, was '%s'", sha256);
  }

  static RemoteFile of(String folder, String name, long size, String sha256) {
    return new RemoteFile(URI.create(folder + name), name, size, sha256);
  }
}
