-- How far the records of an earlier program were taken over, which is done once (see OcurrentImport).

CREATE TABLE import (
  source VARCHAR(100) NOT NULL PRIMARY KEY,
  -- The last row that was.
  position BIGINT NOT NULL,
  complete SMALLINT NOT NULL
);
