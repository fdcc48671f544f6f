/**
 * Fetching published data sets, when asked to and never otherwise: {@link
 * org.udge.datasets.download.Downloader}. What there is to fetch, from where, under which license
 * and with which checksums: {@link org.udge.datasets.download.PublishedDataset}.
 */
package org.udge.datasets.download;
