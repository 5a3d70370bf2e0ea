/**
 * A model of the home Postgres: transactions are atomic, and each condition is the one that the SQL
 * statement has which the method names.
 */
@NullMarked
package io.tidemark.suite.simulation.home;

import org.jspecify.annotations.NullMarked;
