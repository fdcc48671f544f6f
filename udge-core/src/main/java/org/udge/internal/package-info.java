/** For udge's own use: nothing here is part of the API, and anything may change in any version. */
package org.udge.internal;
