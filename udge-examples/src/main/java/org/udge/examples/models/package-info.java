/**
 * Reads models and what their training left beside them, and finds the images and scores that
 * commands name.
 */
package org.udge.examples.models;
