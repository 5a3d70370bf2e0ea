package io.tidemark.toxiproxy;

/**
 * What has passed a proxy so far, over all its connections.
 *
 * @param connections that were made, with both ends
 * @param upstreamBytes given to the server
 * @param downstreamBytes given to clients
 */
public record Traffic(long connections, long upstreamBytes, long downstreamBytes) {}
