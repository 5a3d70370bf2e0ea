package io.tidemark.executor.source;

/**
 * A piece of a source.
 *
 * @param number from 0, its place in {@link SourceVersion#splits}
 * @param name what people call it: a file's path, a key range
 * @param spec what the connector needs to read exactly this piece of exactly this version, JSON
 * @param rows how many it holds, about; 0: not known
 * @param bytes likewise
 */
public record Split(int number, String name, String spec, long rows, long bytes) {}
