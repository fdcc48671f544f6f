/**
 * Zip files of others: {@link org.udge.archive.ZipArchive} reads them by one account of what is in
 * them, and refuses those that give two. Model files, state files and PyTorch checkpoints are read
 * through it.
 */
package org.udge.archive;
