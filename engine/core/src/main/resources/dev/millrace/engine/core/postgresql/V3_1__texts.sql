-- Texts of any length in the order of their characters' codes, as SQLite has them by itself.

ALTER TABLE job DROP CONSTRAINT job_operation_fkey;
ALTER TABLE operation ALTER COLUMN id TYPE TEXT COLLATE "C";
ALTER TABLE job
  ALTER COLUMN id TYPE TEXT COLLATE "C",
  ALTER COLUMN operation TYPE TEXT COLLATE "C",
  ALTER COLUMN cache_key TYPE TEXT COLLATE "C",
  ALTER COLUMN value TYPE TEXT COLLATE "C",
  ALTER COLUMN description TYPE TEXT COLLATE "C",
  ALTER COLUMN message TYPE TEXT COLLATE "C";
ALTER TABLE job ADD FOREIGN KEY (operation) REFERENCES operation (id);
ALTER TABLE log_rule
  ALTER COLUMN pattern TYPE TEXT,
  ALTER COLUMN report TYPE TEXT;
ALTER TABLE sign_in
  ALTER COLUMN digest TYPE TEXT,
  ALTER COLUMN user_id TYPE TEXT,
  ALTER COLUMN user_name TYPE TEXT;

-- What a B-tree holds has a limit, what a hash index stands for has none.
DROP INDEX job_build;
CREATE UNIQUE INDEX job_build ON job (operation, md5(cache_key), build);
CREATE INDEX job_key ON job USING hash (cache_key);
ALTER TABLE log_rule DROP CONSTRAINT log_rule_pkey;
CREATE UNIQUE INDEX log_rule_pattern ON log_rule (md5(pattern));
