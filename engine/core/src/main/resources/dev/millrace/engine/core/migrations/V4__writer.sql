-- Who writes: the number of the engine that has the records, and of its latest transaction (see Writer).

CREATE TABLE writer (
  epoch BIGINT NOT NULL,
  batch BIGINT NOT NULL
);

INSERT INTO writer (epoch, batch) VALUES (0, 0);
