/**
 * What went wrong: codes with category, retryability and a remedy, and the one exception that
 * carries them.
 */
@NullMarked
package io.tidemark.common.error;

import org.jspecify.annotations.NullMarked;
