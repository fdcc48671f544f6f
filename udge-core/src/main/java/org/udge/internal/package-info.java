/** Internal to udge: nothing here is part of the API, and anything may change in any version. */
@NullMarked
package org.udge.internal;

import org.jspecify.annotations.NullMarked;
