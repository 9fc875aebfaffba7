-- Who is signed in to the pages: digests of the keys that browsers have. Times as in V1.

CREATE TABLE sign_in (
  digest VARCHAR(100) NOT NULL PRIMARY KEY,
  user_id VARCHAR(200) NOT NULL,
  user_name VARCHAR(200) NOT NULL,
  ends BIGINT NOT NULL
);
