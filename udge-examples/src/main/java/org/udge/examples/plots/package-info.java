/**
 * Plots of results. Each class draws one kind of {@link org.udge.examples.plots.Figure}, which can
 * be written as SVG and PNG; {@link org.udge.examples.plots.ImageGrid} shows images. Colors are
 * those of Okabe &amp; Ito (2008), which color-blind readers can distinguish; series also differ in
 * their dash patterns.
 */
package org.udge.examples.plots;
