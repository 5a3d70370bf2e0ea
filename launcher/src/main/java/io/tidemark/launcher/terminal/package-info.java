/**
 * What a person sees of refreshes: progress on a terminal or as plain lines, summaries, tables,
 * reports. Nothing that data holds can steer the terminal.
 */
@NullMarked
package io.tidemark.launcher.terminal;

import org.jspecify.annotations.NullMarked;
