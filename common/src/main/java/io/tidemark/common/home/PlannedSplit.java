package io.tidemark.common.home;

/**
 * A split as its plan has it.
 *
 * @param split its number, from 0, in the source's order
 * @param name what people call it
 * @param spec what its connector needs to read it, JSON; may be empty
 * @param rowsPlanned how many rows it holds, about; 0: not known
 * @param bytesPlanned likewise
 */
public record PlannedSplit(
    int split, String name, String spec, long rowsPlanned, long bytesPlanned) {}
