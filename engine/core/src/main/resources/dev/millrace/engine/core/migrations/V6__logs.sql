-- The logs of jobs that were short and quick; all others are files (see LogFile).

CREATE TABLE log (
  job VARCHAR(120) NOT NULL PRIMARY KEY,
  -- Bytes, as the job printed them; SQLite keeps what it is given.
  content BYTEA NOT NULL
);
