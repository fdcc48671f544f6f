/**
 * The {@code doctor} command: which engines this machine has, and whether they compute correctly.
 */
package org.udge.examples.doctor;
