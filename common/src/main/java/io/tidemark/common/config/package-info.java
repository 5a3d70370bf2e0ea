/** What a user writes: the configuration file as records, and its reader. */
@NullMarked
package io.tidemark.common.config;

import org.jspecify.annotations.NullMarked;
