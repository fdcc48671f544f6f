/**
 * Pictures of results. Each class makes one kind of {@link org.udge.examples.plots.Figure}, which
 * writes itself as SVG, sharp at any size, and as PNG; {@link org.udge.examples.plots.ImageGrid}
 * shows images. Colors are those of Okabe &amp; Ito (2008), which color-blind readers can tell
 * apart; series differ in their dashes too.
 */
package org.udge.examples.plots;
