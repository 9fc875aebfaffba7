-- Who did what to the engine, in order. Times are microseconds since 1970 in UTC.

CREATE TABLE action (
  number BIGINT NOT NULL PRIMARY KEY,
  happened BIGINT NOT NULL,
  who TEXT NOT NULL,
  -- cancel, rebuild, approve, set-confirm
  what VARCHAR(40) NOT NULL,
  -- The job that it was done to, or what was set.
  target TEXT NOT NULL,
  -- Why it was refused; none if it was done.
  refusal TEXT
);
