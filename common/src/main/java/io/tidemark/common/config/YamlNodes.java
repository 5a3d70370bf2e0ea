package io.tidemark.common.config;

import io.tidemark.common.config.ConfigNode.Entry;
import io.tidemark.common.config.ConfigNode.Mapping;
import io.tidemark.common.config.ConfigNode.Sequence;
import java.io.StringReader;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * YAML text as {@link ConfigNode}s. Plain scalars mean what YAML 1.2 says: a column called {@code
 * no} is a text, {@code 0123} a number. Anchors, aliases and merge keys ({@code <<}) work.
 */
final class YamlNodes {
  private static final int MAX_FILE_CHARACTERS = 16 << 20;
  private static final int MAX_ALIASES = 1_000;

  /** After aliases are expanded: what stops a file that doubles itself. */
  private static final int MAX_NODES = 1_000_000;

  private static final int MAX_DEPTH = 50;

  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(\\.\\d+|\\d+(\\.\\d*)?)([eE][-+]?\\d+)?");
  private static final Pattern EMPTY = Pattern.compile("|~|null|Null|NULL");
  private static final Pattern BOOL = Pattern.compile("true|True|TRUE|false|False|FALSE");

  /** Messages of the parser that go on with a word of the file, which may be a secret. */
  private static final Pattern QUOTES_THE_FILE =
      Pattern.compile("^(found (?:undefined|duplicate) (?:alias|tag handle|anchor))\\b.*");

  private final Problems problems;
  private int nodes;

  private YamlNodes(Problems problems) {
    this.problems = problems;
  }

  /** The document's root; empty where it has none or is not YAML, which is then a problem. */
  static Optional<ConfigNode> read(String text, Problems problems) {
    var options = new LoaderOptions();
    options.setCodePointLimit(MAX_FILE_CHARACTERS);
    options.setMaxAliasesForCollections(MAX_ALIASES);
    options.setNestingDepthLimit(MAX_DEPTH);
    try {
      var root = new Yaml(options).compose(new StringReader(text));
      if (root == null) {
        problems.add(0, "the file is empty", "write at least `tables:` with one table");
        return Optional.empty();
      }
      return Optional.of(new YamlNodes(problems).node(root, 0));
    } catch (MarkedYAMLException e) {
      problems.add(
          line(e), "is not valid YAML here: " + withoutValues(e.getProblem()), remedy(text, e));
    } catch (YAMLException e) {
      problems.add(0, "is not valid YAML: " + withoutValues(e.getMessage()), "");
    }
    return Optional.empty();
  }

  private ConfigNode node(Node node, int depth) {
    if (++nodes > MAX_NODES || depth > MAX_DEPTH) {
      throw new YAMLException("it holds an alias of itself, or too many nodes");
    }
    int line = node.getStartMark().getLine() + 1;
    return switch (node) {
      case MappingNode mapping -> new Mapping(line, entries(mapping, depth));
      case SequenceNode sequence ->
          new Sequence(
              line, sequence.getValue().stream().map(item -> node(item, depth + 1)).toList());
      case ScalarNode scalar -> scalar(scalar, line);
      default -> throw new YAMLException("it holds a node of an unknown kind");
    };
  }

  private List<Entry> entries(MappingNode mapping, int depth) {
    var entries = new ArrayList<Entry>();
    var merged = new ArrayList<Entry>();
    for (NodeTuple tuple : mapping.getValue()) {
      int line = tuple.getKeyNode().getStartMark().getLine() + 1;
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        problems.add(line, "a key is not a text", "write `key: value`");
      } else if (key.isPlain() && key.getValue().equals("<<")) {
        merge(tuple.getValueNode(), merged, depth + 1);
      } else {
        entries.add(new Entry(line, key.getValue(), node(tuple.getValueNode(), depth + 1)));
      }
    }
    merged.stream().filter(entry -> isNew(entry, entries)).toList().forEach(entries::add);
    return entries;
  }

  /** The value of {@code <<}: a mapping, or a list of mappings of which earlier ones win. */
  private void merge(Node value, List<Entry> merged, int depth) {
    var sources = value instanceof SequenceNode list ? list.getValue() : List.of(value);
    for (var source : sources) {
      if (source instanceof MappingNode mapping) {
        entries(mapping, depth).stream()
            .filter(entry -> isNew(entry, merged))
            .toList()
            .forEach(merged::add);
      } else {
        problems.add(
            source.getStartMark().getLine() + 1, "`<<` names no mapping", "write `<<: *anchor`");
      }
    }
  }

  private static boolean isNew(Entry entry, List<Entry> entries) {
    return entries.stream().noneMatch(other -> other.key().equals(entry.key()));
  }

  private static ConfigNode scalar(ScalarNode scalar, int line) {
    var text = scalar.getValue();
    if (scalar.getScalarStyle() != ScalarStyle.PLAIN) {
      return new ConfigNode.Text(line, text);
    } else if (EMPTY.matcher(text).matches()) {
      return new ConfigNode.Empty(line);
    } else if (BOOL.matcher(text).matches()) {
      return new ConfigNode.Bool(line, Boolean.parseBoolean(text));
    } else if (NUMBER.matcher(text).matches()) {
      return number(text, line);
    }
    return new ConfigNode.Text(line, text);
  }

  private static ConfigNode number(String text, int line) {
    try {
      return new ConfigNode.Numeric(line, new BigDecimal(text));
    } catch (NumberFormatException tooLargeAnExponent) {
      return new ConfigNode.Text(line, text);
    }
  }

  private static int line(MarkedYAMLException e) {
    return e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
  }

  private static String withoutValues(@Nullable String message) {
    if (message == null) {
      return "it cannot be parsed";
    }
    return QUOTES_THE_FILE.matcher(message.lines().findFirst().orElse("")).replaceFirst("$1");
  }

  /** The commonest mistake has a remedy of its own: braces mean something to YAML. */
  private static String remedy(String text, MarkedYAMLException e) {
    var written = text.lines().skip(Math.max(0, line(e) - 1)).findFirst().orElse("");
    return written.contains("${")
        ? "put quotes around texts with ${…}"
        : "check indentation, and put quotes around texts with special characters";
  }
}
