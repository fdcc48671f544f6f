/**
 * Bridges to and from DataVec, if it is on the class path ({@code org.datavec:datavec-api}; this
 * library does not bring it): {@link org.udge.datasets.datavec.RecordReaders}.
 */
@CheckReturnValue
@NullMarked
package org.udge.datasets.datavec;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
