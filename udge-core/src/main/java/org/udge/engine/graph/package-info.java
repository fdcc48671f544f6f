/**
 * The engine that runs Deeplearning4j's own computation graph: any layer, on any backend. It is the
 * reference against which other engines are tested. Use {@link
 * org.udge.engine.graph.GraphEngine#of}.
 */
@CheckReturnValue
@NullMarked
package org.udge.engine.graph;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
