-- Events of a patient's treatment, as the practice told them. patient, event_index and body_index are keyed hashes: of who
-- the patient is, of the sender's own id of the event, and of the event. body and advice (what it came to when it was told)
-- are sealed under the tenant's key.
CREATE TABLE treatments (
    id uuid PRIMARY KEY,
    n bigint GENERATED ALWAYS AS IDENTITY, -- the order they were told in
    tenant text NOT NULL,
    mode text NOT NULL CHECK (mode IN ('test', 'live')),
    patient bytea NOT NULL,
    event_index bytea NOT NULL,
    body_index bytea NOT NULL,
    body bytea NOT NULL,
    advice bytea NOT NULL,
    at timestamptz NOT NULL,
    UNIQUE (tenant, mode, patient, event_index)
);
CREATE TRIGGER treatments_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON treatments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- That an authorization ends (of: its last day) or runs out (of: the quantity that was granted), to be told from due_at on;
-- null once that was looked at, so that it is told once.
CREATE TABLE reminders (
    request_id uuid NOT NULL REFERENCES requests,
    line_id text NOT NULL,
    why text NOT NULL CHECK (why IN ('ends', 'runs_out')),
    of text NOT NULL,
    due_at timestamptz,
    PRIMARY KEY (request_id, line_id, why, of)
) WITH (fillfactor = 75);
CREATE INDEX reminders_due ON reminders (due_at) WHERE due_at IS NOT NULL;
