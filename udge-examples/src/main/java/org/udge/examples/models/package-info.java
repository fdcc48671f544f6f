/**
 * Reads models and the files that their training left next to them, and finds the images and scores
 * that commands name.
 */
package org.udge.examples.models;
