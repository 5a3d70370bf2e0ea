package io.tidemark.toxiproxy.harness;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A node as it is to be started: any program.
 *
 * @param reaches name: {@code host:port} of a server that it connects to
 * @param listens names of what it listens for
 * @param command its command line, from its addresses
 * @param environment in addition to that of this process
 */
public record NodeSpec(
    String name,
    Map<String, String> reaches,
    List<String> listens,
    Function<Addresses, List<String>> command,
    Map<String, String> environment) {
  public NodeSpec {
    reaches = Map.copyOf(reaches);
    listens = List.copyOf(listens);
    environment = Map.copyOf(environment);
  }

  /** One that reaches nothing and listens for nothing. */
  public static NodeSpec of(String name, Function<Addresses, List<String>> command) {
    return new NodeSpec(name, Map.of(), List.of(), command, Map.of());
  }

  /** With a proxy between it and a server. */
  public NodeSpec reaching(String link, String address) {
    var all = new HashMap<>(reaches);
    all.put(link, address);
    return new NodeSpec(name, all, listens, command, environment);
  }

  /** With a proxy in front of a port that it listens on. */
  public NodeSpec listening(String link) {
    var all = new ArrayList<>(listens);
    all.add(link);
    return new NodeSpec(name, reaches, all, command, environment);
  }

  /** With a variable in its environment. */
  public NodeSpec with(String variable, String value) {
    var all = new HashMap<>(environment);
    all.put(variable, value);
    return new NodeSpec(name, reaches, listens, command, all);
  }
}
