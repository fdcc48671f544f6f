/** The command that fetches data sets: {@link org.udge.examples.download.Download}. */
package org.udge.examples.download;
