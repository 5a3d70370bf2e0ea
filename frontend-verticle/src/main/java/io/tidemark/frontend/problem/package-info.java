/** Errors as HTTP shows them: RFC 9457 problem details with the members of an ErrorReport. */
@NullMarked
package io.tidemark.frontend.problem;

import org.jspecify.annotations.NullMarked;
