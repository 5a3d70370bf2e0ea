package io.tidemark.common.refresh;

/**
 * Why a refresh has ended without reading its source: the target held that version already. Stored
 * as {@code refreshes.unchanged}, and shown with the refresh.
 *
 * @param refresh that read this version
 * @param version of the source, as its connector calls it: a snapshot
 * @param message one sentence that says both
 */
public record Unchanged(long refresh, String version, String message) {
  public static Unchanged since(long refresh, String version) {
    return new Unchanged(
        refresh,
        version,
        "%s was already refreshed by refresh %d: nothing was read".formatted(version, refresh));
  }
}
