/**
 * Fetching published data sets, when asked to and never otherwise: {@code
 * org.udge.datasets.download.Downloader}. What there is to fetch, from where, under which license and
 * with which checksums: {@code org.udge.datasets.download.PublishedDataset}.
 */
package org.udge.datasets.download;
