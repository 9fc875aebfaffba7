-- Every job that was ever made. Text is UTF-8, times are microseconds since 1970 in UTC.
-- The SQL of this folder runs on SQLite and PostgreSQL alike.

CREATE TABLE operation (
  id VARCHAR(100) NOT NULL PRIMARY KEY
);

CREATE TABLE job (
  id VARCHAR(120) NOT NULL PRIMARY KEY,
  operation VARCHAR(100) NOT NULL REFERENCES operation (id),
  -- What is kept up to date, and what it was to be brought to: the operation's digests.
  cache_key TEXT NOT NULL,
  value TEXT NOT NULL,
  description TEXT NOT NULL,
  -- Counts the jobs of one key, from 0.
  build BIGINT NOT NULL,
  -- open; passed, failed, error, cancelled, skipped (results); interrupted, dropped (none)
  state VARCHAR(20) NOT NULL,
  message TEXT,
  outcome TEXT,
  -- Not to be used as a result any more.
  rebuild SMALLINT NOT NULL DEFAULT 0,
  created BIGINT NOT NULL,
  started BIGINT,
  finished BIGINT
);

CREATE UNIQUE INDEX job_build ON job (operation, cache_key, build);
CREATE INDEX job_created ON job (created);
CREATE INDEX job_state ON job (state);
