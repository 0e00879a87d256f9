-- The fingerprint of the master key that wraps all data keys, written by who opens the database first.
CREATE TABLE master_key (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    fingerprint text NOT NULL
);
-- A database that two keys were used on takes neither: `payer-gateway keys rewrap` brings its data keys under one.
INSERT INTO master_key (fingerprint) SELECT min(master_key) FROM data_keys HAVING count(DISTINCT master_key) = 1;
