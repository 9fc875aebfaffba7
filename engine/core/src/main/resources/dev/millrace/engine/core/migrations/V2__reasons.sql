-- Why each job was run, as JobReason writes it; none for the jobs from before.

ALTER TABLE job ADD COLUMN reason TEXT;
