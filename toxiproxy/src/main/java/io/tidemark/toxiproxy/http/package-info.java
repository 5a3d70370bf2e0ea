/**
 * Toxiproxy's HTTP API: routes, bodies, errors and metrics as clients of Toxiproxy 2.12 know them.
 */
@NullMarked
package io.tidemark.toxiproxy.http;

import org.jspecify.annotations.NullMarked;
