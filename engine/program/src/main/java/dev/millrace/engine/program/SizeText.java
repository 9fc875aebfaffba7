package dev.millrace.engine.program;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A size as an option's value, in bytes: {@code 500MiB}. */
public final class SizeText implements ITypeConverter<Long> {
  private static final Pattern WRITTEN = Pattern.compile("([0-9]{1,6})(KiB|MiB|GiB)");

  @Override
  public Long convert(String text) {
    Matcher matcher = WRITTEN.matcher(text);
    if (!matcher.matches()) {
      throw new TypeConversionException(
          "Cannot read \"%s\" as a size: expected a number and KiB, MiB or GiB, such as 500MiB"
              .formatted(text));
    }
    int shift = 10 * (1 + List.of("KiB", "MiB", "GiB").indexOf(matcher.group(2)));
    return Long.parseLong(matcher.group(1)) << shift;
  }
}
