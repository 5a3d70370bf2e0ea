package io.tidemark.suite.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.home.HomeSchema;
import io.tidemark.suite.Databases;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The simulation's home and the statements on a real Postgres do the same: random operations, many
 * of them outdated, on both, and after each the same answer and the same rows.
 */
class HomeModelTest {
  private static final int SEEDS = 3;
  private static final int MAX_SEEDS = 5 * SEEDS;
  private static final int OPERATIONS = 900;
  private static final Set<String> ENDS =
      Set.of("SUCCEEDED", "FAILED", "CANCELLED", TwoHomes.UNREAD);

  @Test
  void modelAndStatementsAgreeAfterEveryOperation() throws Exception {
    var effective = 0;
    var reached = new HashSet<String>();
    // Which ends a seed reaches, chance decides: where some are lacking there are more seeds.
    for (var seed = 1; seed <= SEEDS || (seed <= MAX_SEEDS && !reached.containsAll(ENDS)); seed++) {
      try (var databases = new Databases();
          var homes = homes(databases, seed)) {
        agree(homes);
        effective += homes.effective();
        reached.addAll(homes.reached());
      }
    }
    assertThat(effective).as("operations that changed something").isGreaterThan(300);
    assertThat(reached).containsAll(ENDS);
  }

  private static void agree(TwoHomes homes) throws Exception {
    for (var i = 1; i <= OPERATIONS; i++) {
      homes.operate();
      assertThat(homes.real()).as(homes::history).isEqualTo(homes.model());
    }
  }

  @Test
  void aModelThatForgetsAConditionIsFound() throws Exception {
    try (var databases = new Databases();
        var homes = homes(databases, 1)) {
      homes.forgetGenerations();
      assertThatThrownBy(
              () -> {
                for (var i = 1; i <= OPERATIONS; i++) {
                  homes.operate();
                }
              })
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("the home says [], the model [");
    }
  }

  private static TwoHomes homes(Databases databases, long seed) throws Exception {
    HomeSchema.migrate(databases.homeAddress);
    return new TwoHomes(databases.homeAddress, seed);
  }
}
