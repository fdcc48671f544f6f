/** The {@code attack} command: accuracy against adversarial perturbations. */
package org.udge.examples.attack;
