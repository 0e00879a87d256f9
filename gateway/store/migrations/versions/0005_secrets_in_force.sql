-- The secrets before, sealed, and until when each signs as well: two lists of one length. old_secret and its time stay
-- for processes of the version before, which go on reading them; what they write there is taken over here once.
ALTER TABLE webhook_endpoints
    ADD COLUMN old_secrets bytea[] NOT NULL DEFAULT '{}',
    ADD COLUMN old_secrets_until timestamptz[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT old_secrets_each_until CHECK (cardinality(old_secrets) = cardinality(old_secrets_until));

UPDATE webhook_endpoints SET old_secrets = ARRAY[old_secret], old_secrets_until = ARRAY[old_secret_until]
WHERE old_secret IS NOT NULL;
