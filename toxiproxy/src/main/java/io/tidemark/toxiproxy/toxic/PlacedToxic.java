package io.tidemark.toxiproxy.toxic;

/**
 * A toxic on one of the two streams of a proxy.
 *
 * @param name unique in its proxy
 * @param toxicity which part of the links it is at work on: a random number in [0, 1) below this
 *     decides for each. 0: none, 1: all
 */
public record PlacedToxic(String name, Direction stream, float toxicity, Toxic toxic) {
  /** At work on all links, under the name that Toxiproxy gives by default. */
  public static PlacedToxic on(Direction stream, Toxic toxic) {
    return new PlacedToxic(toxic.type() + "_" + stream.text(), stream, 1, toxic);
  }

  /** The same with another name. */
  public PlacedToxic named(String other) {
    return new PlacedToxic(other, stream, toxicity, toxic);
  }

  /** The same with other attributes. */
  public PlacedToxic with(Toxic other) {
    return new PlacedToxic(name, stream, toxicity, other);
  }

  /** The same at work on another part of the links. */
  public PlacedToxic withToxicity(float other) {
    return new PlacedToxic(name, stream, other, toxic);
  }
}
