/** What a refresh will do, decided once and stored with it: columns, key, VNode boundaries. */
@NullMarked
package io.tidemark.executor.plan;

import org.jspecify.annotations.NullMarked;
