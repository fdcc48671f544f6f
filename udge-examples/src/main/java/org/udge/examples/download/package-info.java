/** The command that downloads data sets: {@link org.udge.examples.download.Download}. */
package org.udge.examples.download;
