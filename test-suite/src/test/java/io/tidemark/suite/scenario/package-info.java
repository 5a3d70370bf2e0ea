/** Each connector through each scenario, plain and with executors that are killed. */
@NullMarked
package io.tidemark.suite.scenario;

import org.jspecify.annotations.NullMarked;
