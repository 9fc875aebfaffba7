-- Whether a failure of the job does not count; of the jobs from before, nobody said so.

ALTER TABLE job ADD COLUMN advisory SMALLINT NOT NULL DEFAULT 0;
