package dev.millrace.services.cikit;

import dev.millrace.ocaml.OcamlVersion;
import dev.millrace.opam.OpamHash;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/** The text form of outcomes in the engine's cache. Values print as they do for people. */
final class CiKitJson {
  private static final JsonMapper MAPPER = mapper();

  private CiKitJson() {}

  static String encode(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  static <T> T decode(String text, Class<T> type) {
    try {
      return MAPPER.readValue(text, type);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "Cannot read a %s: %s".formatted(type.getSimpleName(), e.getOriginalMessage()), e);
    }
  }

  private static JsonMapper mapper() {
    SimpleModule values = new SimpleModule("ci-kit");
    asText(values, Variant.class, Variant::parse);
    asText(values, OcamlVersion.class, OcamlVersion::parse);
    asText(values, OpamHash.class, OpamHash::parse);
    return JsonMapper.builder()
        .addModule(values)
        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        // A later version may have added a field; a cache entry without it is still good.
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .build();
  }

  private static <T> void asText(SimpleModule module, Class<T> type, Function<String, T> parse) {
    module.addSerializer(
        type,
        new StdSerializer<T>(type) {
          @Override
          public void serialize(T value, JsonGenerator json, SerializationContext context) {
            json.writeString(value.toString());
          }
        });
    module.addDeserializer(
        type,
        new StdDeserializer<T>(type) {
          @Override
          public T deserialize(JsonParser json, DeserializationContext context) {
            return parse.apply(json.getValueAsString(""));
          }
        });
  }
}
