ALTER TABLE webhook_endpoints
    ADD COLUMN bearing text CHECK (bearing IN ('good', 'poor', 'silent')), -- null while nothing is known
    ADD COLUMN silences integer NOT NULL DEFAULT 0, -- tries in a row without an answer
    ADD COLUMN rests_until timestamptz; -- nothing is sent before

-- What is due is looked for endpoint by endpoint. A process of the version before finds it by this index too.
CREATE INDEX webhook_deliveries_due_by_endpoint ON webhook_deliveries (endpoint_id, due_at) WHERE due_at IS NOT NULL;
DROP INDEX webhook_deliveries_due;
