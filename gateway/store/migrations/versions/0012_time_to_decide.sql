-- clocks: the payer's time to decide, by rule (gateway.model.clock); no PHI. decide_by: when the first of those that run
-- is over, and null where none runs.
ALTER TABLE submissions
    ADD COLUMN clocks json NOT NULL DEFAULT '[]',
    ADD COLUMN decide_by timestamptz;
CREATE INDEX submissions_to_be_decided ON submissions (decide_by) WHERE decide_by IS NOT NULL;
