/** The {@code study} command: settings compared over seeds. */
package org.udge.examples.study;
