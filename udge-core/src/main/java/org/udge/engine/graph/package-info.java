/**
 * Runs Deeplearning4j's own computation graph: any layer, any backend, the reference that other
 * engines are tested against. Use {@link org.udge.engine.graph.GraphEngine#of}.
 */
@CheckReturnValue
@NullMarked
package org.udge.engine.graph;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
