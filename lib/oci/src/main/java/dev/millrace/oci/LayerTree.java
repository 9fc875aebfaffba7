package dev.millrace.oci;

import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/**
 * The tree that layers make, without contents. Paths are resolved in it as a kernel would that has
 * the image as its root: links are followed, {@code ..} of the root is the root. One thread.
 */
final class LayerTree {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";
  private static final int LINKS_MAX = 40;
  private static final int DEPTH_MAX = 1000;
  private static final int ID_MAX = 65535;

  private final ImageTar.Limits limits;
  private final Node root = directoryNode(directory());
  private final Map<String, Set<String>> addedInLayer = new HashMap<>();
  private int entries;
  private long bytes;

  LayerTree(ImageTar.Limits limits) {
    this.limits = limits;
  }

  /** Where a file's content is: links to one file share it. */
  private record Source(int layer, int number) {}

  /** A directory has children, everything else a source. */
  private static final class Node {
    private final @Nullable Source source;
    private final @Nullable NavigableMap<String, Node> children;
    private final String linkTarget;
    private TarArchiveEntry entry;

    private Node(
        @Nullable Source source,
        @Nullable NavigableMap<String, Node> children,
        String linkTarget,
        TarArchiveEntry entry) {
      this.source = source;
      this.children = children;
      this.linkTarget = linkTarget;
      this.entry = entry;
    }

    boolean isLink() {
      return !linkTarget.isEmpty();
    }
  }

  /** A directory of the tree; the root's path is empty. */
  record Found(String path, TarArchiveEntry entry) {}

  private static TarArchiveEntry directory() {
    TarArchiveEntry entry = new TarArchiveEntry("./", TarConstants.LF_DIR);
    entry.setMode(0755);
    entry.setLastModifiedTime(FileTime.fromMillis(0));
    return entry;
  }

  private static Node directoryNode(TarArchiveEntry entry) {
    return new Node(null, new TreeMap<>(), "", entry);
  }

  /** Takes the next entry of a layer. */
  void add(int layer, int number, TarArchiveEntry entry) throws OciException {
    if (++entries > limits.entriesMax()) {
      throw new OciException(
          "Cannot unpack an image: it has more than %d entries".formatted(limits.entriesMax()));
    }
    bytes += Math.max(0, entry.getRealSize());
    if (bytes > limits.bytesMax()) {
      throw new OciException(
          "Cannot unpack an image: it is larger than %d bytes".formatted(limits.bytesMax()));
    }
    List<String> path = components(entry.getName(), entry.getName());
    if (path.isEmpty()) {
      if (entry.isDirectory()) {
        root.entry = ImageTar.copy(requireOwner(entry), "./", TarConstants.LF_DIR);
      }
      return;
    }
    String name = path.getLast();
    List<String> parentPath = new ArrayList<>();
    Node parent = parent(path.subList(0, path.size() - 1), entry.getName(), parentPath);
    NavigableMap<String, Node> children = childrenOf(parent);
    if (name.startsWith(WHITEOUT)) {
      whiteOut(name, children, String.join("/", parentPath));
      return;
    }
    Node node = node(layer, number, entry, children.get(name));
    children.put(name, node);
    addedInLayer.computeIfAbsent(String.join("/", parentPath), _ -> new HashSet<>()).add(name);
  }

  /** Forgets what the last layer added, which its own whiteouts leave alone. */
  void endLayer() {
    addedInLayer.clear();
  }

  private void whiteOut(String name, NavigableMap<String, Node> children, String parent) {
    Set<String> ours = addedInLayer.getOrDefault(parent, Set.of());
    if (name.equals(OPAQUE)) {
      children.keySet().removeIf(child -> !ours.contains(child));
    } else if (!ours.contains(name.substring(WHITEOUT.length()))) {
      children.remove(name.substring(WHITEOUT.length()));
    }
  }

  private Node node(int layer, int number, TarArchiveEntry entry, @Nullable Node old)
      throws OciException {
    requireOwner(entry);
    if (entry.isDirectory()) {
      TarArchiveEntry own = ImageTar.copy(entry, "./", TarConstants.LF_DIR);
      if (old != null && old.children != null) {
        old.entry = own;
        return old;
      }
      return directoryNode(own);
    }
    if (entry.isLink()) {
      return linked(entry);
    }
    if (entry.isCharacterDevice() || entry.isBlockDevice()) {
      // Steps have the devices of their sandbox. An empty file takes the place, as a mount point.
      return new Node(new Source(layer, number), null, "", entry);
    }
    return new Node(
        new Source(layer, number), null, entry.isSymbolicLink() ? entry.getLinkName() : "", entry);
  }

  private Node linked(TarArchiveEntry entry) throws OciException {
    List<String> path = components(entry.getLinkName(), entry.getName());
    if (!path.isEmpty()) {
      Node parent = find(path.subList(0, path.size() - 1));
      Node target = parent == null ? null : childrenOf(parent).get(path.getLast());
      if (target != null && target.children == null) {
        return target;
      }
    }
    throw new OciException(
        "Cannot unpack an image: \"%s\" links to \"%s\", which must be a file of the image"
            .formatted(entry.getName(), entry.getLinkName()));
  }

  private static TarArchiveEntry requireOwner(TarArchiveEntry entry) throws OciException {
    if (entry.getLongUserId() < 0
        || entry.getLongUserId() > ID_MAX
        || entry.getLongGroupId() < 0
        || entry.getLongGroupId() > ID_MAX) {
      throw new OciException(
          "Cannot unpack an image: \"%s\" belongs to %d:%d, ids must be 0 to %d"
              .formatted(entry.getName(), entry.getLongUserId(), entry.getLongGroupId(), ID_MAX));
    }
    return entry;
  }

  private static List<String> components(String path, String entry) throws OciException {
    List<String> components = new ArrayList<>();
    for (String component : path.split("/", -1)) {
      if (component.equals("..")) {
        throw new OciException(
            "Cannot unpack an image: the path of \"%s\" must not go up".formatted(entry));
      }
      if (component.indexOf('\0') >= 0) {
        throw new OciException(
            "Cannot unpack an image: the path of \"%s\" has a zero byte".formatted(entry));
      }
      if (!component.isEmpty() && !component.equals(".")) {
        components.add(component);
      }
    }
    if (components.size() > DEPTH_MAX) {
      throw new OciException(
          "Cannot unpack an image: a path is deeper than %d directories".formatted(DEPTH_MAX));
    }
    return components;
  }

  /** The directory at a path, links followed, made where there is none. */
  private Node parent(List<String> path, String entry, List<String> resolved) throws OciException {
    Node found = walk(path, true, resolved);
    if (found == null) {
      throw new OciException(
          "Cannot unpack an image: \"%s\" lies below what is no directory".formatted(entry));
    }
    return found;
  }

  private @Nullable Node find(List<String> path) {
    return walk(path, false, new ArrayList<>());
  }

  private @Nullable Node walk(List<String> path, boolean create, List<String> resolved) {
    Deque<String> rest = new ArrayDeque<>(path);
    Deque<Node> way = new ArrayDeque<>();
    Node at = root;
    int links = 0;
    while (!rest.isEmpty()) {
      String name = rest.removeFirst();
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        if (!way.isEmpty()) {
          at = way.pop();
          resolved.removeLast();
        }
        continue;
      }
      NavigableMap<String, Node> children = childrenOf(at);
      Node next = children.get(name);
      if (next == null && create) {
        next = directoryNode(directory());
        children.put(name, next);
      }
      if (next == null) {
        return null;
      }
      if (next.isLink()) {
        if (++links > LINKS_MAX) {
          return null;
        }
        if (next.linkTarget.startsWith("/")) {
          at = root;
          way.clear();
          resolved.clear();
        }
        List<String> target = List.of(next.linkTarget.split("/"));
        target.reversed().forEach(rest::addFirst);
        continue;
      }
      if (next.children == null) {
        return null;
      }
      way.push(at);
      at = next;
      resolved.add(name);
    }
    return at;
  }

  private static NavigableMap<String, Node> childrenOf(Node directory) {
    if (directory.children == null) {
      throw new IllegalStateException("Only a directory may be walked through");
    }
    return directory.children;
  }

  /** All directories, parents first. */
  List<Found> directories() {
    List<Found> found = new ArrayList<>();
    walk(
        (path, node) -> {
          if (node.children != null) {
            found.add(new Found(path, node.entry));
          }
        });
    return found;
  }

  /** Which entries of a layer remain, by number, and under which paths. */
  Map<Integer, List<String>> filesOf(int layer) {
    Map<Integer, List<String>> files = new HashMap<>();
    walk(
        (path, node) -> {
          if (node.source != null && node.source.layer() == layer) {
            files.computeIfAbsent(node.source.number(), _ -> new ArrayList<>()).add(path);
          }
        });
    return files;
  }

  private interface Visitor {
    void visit(String path, Node node);
  }

  private void walk(Visitor visitor) {
    record Place(String path, Node node) {}
    Deque<Place> places = new ArrayDeque<>();
    places.push(new Place("", root));
    while (!places.isEmpty()) {
      Place place = places.pop();
      visitor.visit(place.path(), place.node());
      if (place.node().children != null) {
        place
            .node()
            .children
            .descendingMap()
            .forEach(
                (name, child) ->
                    places.push(
                        new Place(
                            place.path().isEmpty() ? name : place.path() + "/" + name, child)));
      }
    }
  }
}
