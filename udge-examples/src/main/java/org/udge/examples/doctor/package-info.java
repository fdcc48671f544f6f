/** The {@code doctor} command: what this machine computes with, and whether it computes right. */
package org.udge.examples.doctor;
