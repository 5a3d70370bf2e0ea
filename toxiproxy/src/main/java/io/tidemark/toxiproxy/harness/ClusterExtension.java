package io.tidemark.toxiproxy.harness;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A cluster without nodes for each test of a class; after the test all is taken away, and where it
 * failed the last lines of each node are printed to stderr before.
 *
 * <pre>{@code
 * @RegisterExtension final ClusterExtension cluster = ClusterExtension.local();
 * }</pre>
 */
public final class ClusterExtension implements BeforeEachCallback, AfterEachCallback {
  private static final int TAIL_LINES = 60;

  private final Supplier<Cluster> open;
  private final Supplier<Optional<String>> unavailable;
  private @Nullable Cluster cluster;

  private ClusterExtension(Supplier<Cluster> open, Supplier<Optional<String>> unavailable) {
    this.open = open;
    this.unavailable = unavailable;
  }

  /** As {@link Cluster#local}. */
  public static ClusterExtension local() {
    return new ClusterExtension(Cluster::local, Optional::empty);
  }

  /** As {@link Cluster#isolated}; where that cannot be, tests are skipped and say why. */
  public static ClusterExtension isolated() {
    return new ClusterExtension(Cluster::isolated, Cluster::cannotIsolate);
  }

  /** That of the test that runs. */
  public Cluster cluster() {
    if (cluster == null) {
      throw new IllegalStateException("no test runs");
    }
    return cluster;
  }

  /** As {@link Cluster#start}. */
  public Node start(NodeSpec spec) {
    return cluster().start(spec);
  }

  /** As {@link Cluster#node}. */
  public Node node(String name) {
    return cluster().node(name);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    unavailable.get().ifPresent(reason -> Assumptions.abort(reason));
    cluster = open.get();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (cluster == null) {
      return;
    }
    try (var closing = cluster) {
      if (context.getExecutionException().isPresent()) {
        System.err.println(context.getDisplayName() + " failed\n" + closing.tails(TAIL_LINES));
      }
    }
  }
}
