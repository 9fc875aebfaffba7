package dev.millrace.base;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What happened, in a file that only grows, outside the system that is under test: any number of
 * threads and processes of one machine write to it, each under a name of its own. Thread-safe.
 *
 * <p>Each event is one write of one line, so that what was written before a SIGKILL is there after
 * it, and the order of the lines is the order of the writes. A line whose writer was killed in the
 * middle lacks its end mark and counts as not written: what was to follow it cannot have happened.
 */
public final class History implements AutoCloseable {
  private static final String END = ";";
  private static final Map<String, Class<?>> KINDS = kinds();

  private final FileChannel file;
  private final String source;

  private History(FileChannel file, String source) {
    this.file = file;
    this.source = source;
  }

  /**
   * An event as it stands in the history.
   *
   * @param number of its line, from 1
   * @param at when, on the machine's clock that only goes forward
   * @param source who wrote it
   */
  public record Line(int number, Duration at, String source, Event event) {
    @Override
    public String toString() {
      return "line %d: %s %s".formatted(number, source, event);
    }
  }

  /**
   * Opens a history for writing, making it if need be.
   *
   * @param source who writes
   */
  public static History open(Path path, String source) throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    return new History(file, source);
  }

  /** Writes an event. */
  public void add(Event event) {
    // Begins a line of its own even where a killed writer left half of one.
    String line =
        "\n%d %s %s %s".formatted(System.nanoTime() / 1000, quote(source), render(event), END);
    ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
    try {
      // INVARIANT: one write; the kernel keeps those of a file that is appended to apart.
      if (file.write(bytes) != bytes.limit()) {
        throw new IOException("The history was cut short");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every event, in order; none if the file is not there. */
  public static List<Line> read(Path path) {
    return new Tail(path).next();
  }

  private static Line parse(int number, String text) {
    String[] words = text.split(" ", -1);
    return new Line(
        number,
        Duration.ofNanos(Long.parseLong(words[0]) * 1000),
        unquote(words[1]),
        event(words[2], List.of(words).subList(3, words.length - 1)));
  }

  /**
   * The attempts that a program left running when it died, as the events which say that they have
   * lost their right.
   */
  public static List<Event> leases(String program, List<Line> lines) {
    Map<String, Event.LeaseLost> open = new LinkedHashMap<>();
    for (Line line : lines) {
      if (line.source.equals(program)) {
        switch (line.event) {
          case Event.Started(String job, long token) ->
              open.put(job + " " + token, new Event.LeaseLost(job, token));
          case Event.Offered(String job, long token, String _) -> open.remove(job + " " + token);
          case Event.Stopped(String job, long token) -> open.remove(job + " " + token);
          case Event _ -> {}
        }
      }
    }
    return List.copyOf(open.values());
  }

  /** Reads a history while it grows. One thread at a time. */
  public static final class Tail {
    private final Path path;
    private long offset;
    private int number;

    /** All of it is to come. */
    public Tail(Path path) {
      this.path = path;
    }

    /** The events that have come since the last call. */
    public List<Line> next() {
      List<Line> lines = new ArrayList<>();
      String news = news();
      int end = news.endsWith(END) ? news.length() : Math.max(0, news.lastIndexOf('\n'));
      for (String line : news.substring(0, end).lines().toList()) {
        number++;
        if (line.endsWith(" " + END)) {
          lines.add(parse(number, line));
        }
      }
      if (end > 0 && end == news.length()) {
        // The line feed after it comes with the next.
        number--;
      }
      offset += end;
      return lines;
    }

    // Everything is quoted: a character is a byte.
    private String news() {
      try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
        file.seek(offset);
        byte[] bytes = new byte[Math.toIntExact(file.length() - offset)];
        file.readFully(bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
      } catch (FileNotFoundException e) {
        return "";
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static Map<String, Class<?>> kinds() {
    Map<String, Class<?>> kinds = new LinkedHashMap<>();
    for (Class<?> kind : Event.class.getPermittedSubclasses()) {
      kinds.put(kind.getSimpleName(), kind);
    }
    return kinds;
  }

  private static String render(Event event) {
    StringBuilder text = new StringBuilder(event.getClass().getSimpleName());
    try {
      for (RecordComponent component : event.getClass().getRecordComponents()) {
        text.append(' ').append(quote(String.valueOf(component.getAccessor().invoke(event))));
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot write " + event, e);
    }
    return text.toString();
  }

  private static Event event(String name, List<String> words) {
    Class<?> kind =
        Optional.<Class<?>>ofNullable(KINDS.get(name))
            .orElseThrow(() -> new IllegalArgumentException("No such event: " + name));
    RecordComponent[] components = kind.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      values[i] = value(types[i], unquote(words.get(i)));
    }
    try {
      return (Event) kind.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot read an event " + name, e);
    }
  }

  private static Object value(Class<?> type, String text) {
    if (type == long.class) {
      return Long.valueOf(text);
    }
    return type == boolean.class ? (Object) Boolean.valueOf(text) : text;
  }

  // Never empty, so that words can be told apart.
  private static String quote(String text) {
    return "." + URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String unquote(String word) {
    return URLDecoder.decode(word.substring(1), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
