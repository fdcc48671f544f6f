/** Command-line programs: each command of the runnable jar is a class of its own here. */
package org.udge.examples;
