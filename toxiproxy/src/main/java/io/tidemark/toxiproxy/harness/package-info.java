/**
 * Node processes under faults: each in a process of its own, a proxy on every link, and on Linux a
 * network of its own. {@link io.tidemark.toxiproxy.harness.Cluster} is where to begin; in JUnit
 * {@link io.tidemark.toxiproxy.harness.ClusterExtension}.
 */
@NullMarked
package io.tidemark.toxiproxy.harness;

import org.jspecify.annotations.NullMarked;
