/**
 * Bridges to and from DataVec, for those who have it on the class path ({@code
 * org.datavec:datavec-api}; this library does not bring it): {@link
 * org.udge.datasets.datavec.RecordReaders}.
 */
package org.udge.datasets.datavec;
