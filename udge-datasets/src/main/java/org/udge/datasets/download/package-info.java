/**
 * Download of published data sets, only on request: {@link org.udge.datasets.download.Downloader}.
 * The available sets, with addresses, licenses and checksums, are in {@link
 * org.udge.datasets.download.PublishedDataset}.
 */
@CheckReturnValue
@NullMarked
package org.udge.datasets.download;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
