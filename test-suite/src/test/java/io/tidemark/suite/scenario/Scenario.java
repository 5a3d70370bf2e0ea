package io.tidemark.suite.scenario;

import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Predicate;

/**
 * Something that happens to a source.
 *
 * @param fits kinds that it can happen to
 * @param strikes at which an executor is killed, one turn each
 * @param beginning what is there before
 */
record Scenario(
    String name, Predicate<SourceKind> fits, List<Strike> strikes, Beginning beginning, Turn turn) {

  interface Beginning {
    void begin(Scene scene) throws Exception;
  }

  interface Turn {
    /**
     * Plays it once, and verifies what came of it.
     *
     * @param number of the turn, from 1
     */
    void play(Scene scene, Strike strike, int number) throws Exception;
  }

  static Scenario of(String name, Beginning beginning, Turn turn) {
    return new Scenario(name, kind -> true, Strike.ALL, beginning, turn);
  }

  /** From one version to the next. */
  static Scenario changing(String name, IntFunction<Version> versions) {
    return of(
        name,
        scene -> scene.begin(versions.apply(0)),
        (scene, strike, number) -> scene.change(versions.apply(number), strike));
  }

  Scenario fitting(Predicate<SourceKind> kinds) {
    return new Scenario(name, kinds, strikes, beginning, turn);
  }

  Scenario striking(Strike... moments) {
    return new Scenario(name, fits, List.of(moments), beginning, turn);
  }

  @Override
  public String toString() {
    return name;
  }
}
