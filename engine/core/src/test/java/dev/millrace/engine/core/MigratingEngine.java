package dev.millrace.engine.core;

import dev.millrace.base.Secret;
import dev.millrace.engine.core.MigrationContract.Place;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The program of {@link MigrationContract}: takes over the records in a place, and ends. */
final class MigratingEngine {
  private MigratingEngine() {}

  /** The state directory and the bug that is planted; where and how to get at the database. */
  static List<String> arguments(Place place, Plant plant) {
    List<String> arguments = new ArrayList<>(List.of(place.state().toString(), plant.toString()));
    place
        .address()
        .ifPresent(
            address -> {
              arguments.add(
                  "postgresql://%s@%s:%d/%s"
                      .formatted(
                          address.user(), address.host(), address.port(), address.database()));
              address.password().map(Secret::reveal).ifPresent(arguments::add);
            });
    return arguments;
  }

  public static void main(String[] arguments) throws Exception {
    Plant.parse(arguments[1]).install();
    Optional<DatabaseAddress> address =
        arguments.length < 4
            ? Optional.empty()
            : Optional.of(
                DatabaseAddress.parse(arguments[2]).withPassword(Secret.of(arguments[3])));
    Place place = new Place(Path.of(arguments[0]), address);
    try (Engine engine = Engine.start(place.config(), _ -> Current.of(""))) {
      System.out.println(engine.outline());
    }
  }
}
