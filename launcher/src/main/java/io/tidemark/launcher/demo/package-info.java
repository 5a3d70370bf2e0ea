/** The main job on an embedded Postgres, for whoever sees Tidemark for the first time. */
@NullMarked
package io.tidemark.launcher.demo;

import org.jspecify.annotations.NullMarked;
