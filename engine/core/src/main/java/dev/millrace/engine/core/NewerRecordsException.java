package dev.millrace.engine.core;

import dev.millrace.base.StatedException;

/** The records are of a newer Millrace than this one, which has left them as they were. */
public final class NewerRecordsException extends StatedException {
  NewerRecordsException(String database, String present, String known) {
    super(
        "The database \"%s\" has the schema version %s, made by a newer Millrace; this one knows versions up to %s: run the newer one, or choose another state directory"
            .formatted(database, present, known),
        null,
        false);
  }
}
