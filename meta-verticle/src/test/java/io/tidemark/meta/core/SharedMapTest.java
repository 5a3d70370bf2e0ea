package io.tidemark.meta.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SharedMapTest {
  @Test
  void aVersionIsAsItWasWhateverComesAfterIt() {
    // Given
    var one = SharedMap.<Integer>empty().with("a", 1).with("b", 2);
    // When
    var other = one.with("a", 3).without("b");
    // Then
    assertThat(one.find("a")).contains(1);
    assertThat(one.size()).isEqualTo(2);
    assertThat(other.find("a")).contains(3);
    assertThat(other.find("b")).isEmpty();
    assertThat(other.size()).isEqualTo(1);
    assertThat(SharedMap.of(List.of("a", "b")).without("c").size()).isEqualTo(2);
  }

  @Test
  void itHoldsWhatAnyMapHolds() {
    var random = new Random(17);
    var map = SharedMap.<Integer>empty();
    var same = new HashMap<String, Integer>();
    for (var i = 0; i < 5_000; i++) {
      var name = "e" + random.nextInt(700);
      if (random.nextInt(3) == 0) {
        map = map.without(name);
        same.remove(name);
      } else {
        map = map.with(name, i);
        same.put(name, i);
      }
    }
    var held = new HashMap<String, Integer>();
    map.forEach(held::put);
    assertThat(held).isEqualTo(same);
    assertThat(map.size()).isEqualTo(same.size());
    assertThat(map.first()).get().isIn(same.keySet());
  }
}
