package io.tidemark.executor.source;

/**
 * A column of a source.
 *
 * @param type the Postgres type that holds each of its values, as SQL writes it: what a target that
 *     is created gets
 * @param guessed whether the type is only guessed from the data, as for CSV: the target's own type
 *     decides then, where there is a target
 */
public record SourceColumn(String name, String type, boolean notNull, boolean guessed) {}
