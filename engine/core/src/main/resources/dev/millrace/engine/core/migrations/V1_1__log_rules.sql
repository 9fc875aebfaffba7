-- What tells from the log of a failed job why it failed. The pattern is a regular expression.

CREATE TABLE log_rule (
  pattern VARCHAR(1000) NOT NULL PRIMARY KEY,
  report VARCHAR(1000) NOT NULL,
  score INTEGER NOT NULL
);
