package io.tidemark.launcher.node;

import io.tidemark.common.config.ClusterConfig;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.meta.MetaSettings.LeaseKind;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a node is made of.
 *
 * @param nodeId unique for each start of a process, see {@link #unique}
 * @param lease what it leads for
 * @param listen where its frontend listens, or health and metrics of a server that has none
 * @param cluster empty: it is alone
 * @param tables those of the configuration that it checks and stores
 * @param renews whether unfinished refreshes of these are given up where the definitions have
 *     changed in more than policy since they began
 */
public record NodeSettings(
    String nodeId,
    TidemarkConfig config,
    LeaseKind lease,
    Set<NodeRole> roles,
    TidemarkConfig.Server listen,
    Optional<ClusterConfig> cluster,
    List<TableDefinition> tables,
    boolean renews) {
  private static final int SUFFIX_BYTES = 4;

  public NodeSettings {
    roles = Set.copyOf(roles);
    tables = List.copyOf(tables);
  }

  public boolean has(NodeRole role) {
    return roles.contains(role);
  }

  /** Whether it runs until somebody ends it, and has no frontend. */
  public boolean servesHealthOnly() {
    return lease == LeaseKind.SERVER && !has(NodeRole.FRONTEND);
  }

  /** A node's name with a suffix that no start before it had. */
  public static String unique(String name) {
    var random = new byte[SUFFIX_BYTES];
    new SecureRandom().nextBytes(random);
    return name + "-" + HexFormat.of().formatHex(random);
  }
}
