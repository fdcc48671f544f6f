/** Readers of image files, splits, augmentation and prefetching. */
package org.udge.datasets;
