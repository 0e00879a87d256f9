-- What lies there still, is kept, and could not be put away, sealed as seen is.
ALTER TABLE mailboxes ADD COLUMN untidy bytea;
