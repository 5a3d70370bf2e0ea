/** What travels on the event bus: barriers, acknowledgements, commands and news. Never data. */
@NullMarked
package io.tidemark.common.bus;

import org.jspecify.annotations.NullMarked;
