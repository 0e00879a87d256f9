-- What is sealed (AES-256-GCM, gateway/store/sealing.py) is bytea and says so. Everything else is free of PHI.

-- One data key per tenant, wrapped by the master key of that fingerprint.
CREATE TABLE data_keys (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL UNIQUE,
    wrapped bytea NOT NULL,
    master_key text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- A case. status, attention and standing are copies of what gateway.model.standing computed last.
CREATE TABLE requests (
    id uuid PRIMARY KEY,
    tenant text NOT NULL,
    mode text NOT NULL CHECK (mode IN ('test', 'live')),
    payer text NOT NULL,
    status text NOT NULL,
    attention text NOT NULL,
    attention_why text,
    reference bytea NOT NULL, -- sealed: the caller's own id, for lists
    reference_index bytea NOT NULL,
    member_index bytea NOT NULL,
    standing bytea, -- sealed
    journal_head bytea NOT NULL, -- digest of the last entry
    journal_count integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
) WITH (fillfactor = 75);
ALTER TABLE requests ALTER COLUMN standing SET STORAGE EXTERNAL; -- ciphertext does not compress

CREATE INDEX requests_by_time ON requests (tenant, mode, created_at, id);
CREATE INDEX requests_by_reference ON requests (reference_index);
CREATE INDEX requests_by_member ON requests (member_index);
CREATE INDEX requests_waiting ON requests (tenant, mode, attention, created_at, id)
    WHERE attention IN ('provider', 'operator');

CREATE TABLE lines (
    request_id uuid NOT NULL REFERENCES requests,
    line_id text NOT NULL,
    place smallint NOT NULL,
    role text NOT NULL,
    code_system text NOT NULL,
    code text NOT NULL,
    outcome text NOT NULL,
    PRIMARY KEY (request_id, line_id)
) WITH (fillfactor = 90);

CREATE TABLE submissions (
    id uuid PRIMARY KEY,
    request_id uuid NOT NULL REFERENCES requests,
    place smallint NOT NULL,
    payer text NOT NULL,
    connection text NOT NULL,
    channel text NOT NULL,
    benefit text NOT NULL,
    line_ids text[] NOT NULL,
    status text NOT NULL,
    attention text NOT NULL,
    attention_why text,
    due_at timestamptz,
    due_for text,
    tries integer NOT NULL,
    cancelling boolean NOT NULL,
    CHECK ((due_at IS NULL) = (due_for IS NULL))
) WITH (fillfactor = 75);
CREATE INDEX submissions_by_request ON submissions (request_id);
CREATE INDEX submissions_due ON submissions (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE attempts (
    id uuid PRIMARY KEY,
    n bigint GENERATED ALWAYS AS IDENTITY, -- the order they were planned in
    request_id uuid NOT NULL REFERENCES requests,
    submission_id uuid NOT NULL REFERENCES submissions,
    verb text NOT NULL,
    stamp_at timestamptz NOT NULL,
    stamp_number integer NOT NULL,
    stamp_seed text NOT NULL,
    delivery text NOT NULL,
    planned_at timestamptz NOT NULL,
    sent_at timestamptz,
    ended_at timestamptz,
    work bytea, -- sealed
    error text
) WITH (fillfactor = 75);
ALTER TABLE attempts ALTER COLUMN work SET STORAGE EXTERNAL;
CREATE INDEX attempts_by_request ON attempts (request_id);

-- What was said and heard, entry by entry, each holding the digest of all before it. meta is json, not jsonb: the
-- digest covers its exact text.
CREATE TABLE journal (
    request_id uuid NOT NULL REFERENCES requests,
    n integer NOT NULL CHECK (n > 0),
    kind text NOT NULL,
    at timestamptz NOT NULL,
    submission_id uuid,
    attempt_id uuid,
    meta json NOT NULL,
    body bytea NOT NULL, -- sealed
    digest bytea NOT NULL,
    PRIMARY KEY (request_id, n)
);
ALTER TABLE journal ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Sequence numbers are given before a commit, so a reader that has seen 7 may not have seen 6. An event therefore
-- keeps its transaction (tx), and readers see only transactions older than every one that still runs: the order
-- (tx, n) never grows in the middle. shift is added to the server's transaction numbers, which begin anew when a
-- dump is restored (gateway/store/schema.py).
CREATE TABLE event_era (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    shift bigint NOT NULL
);
INSERT INTO event_era (shift) VALUES (0);

CREATE TABLE events (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tx bigint NOT NULL,
    id uuid NOT NULL,
    tenant text NOT NULL,
    mode text NOT NULL CHECK (mode IN ('test', 'live')),
    case_id uuid NOT NULL,
    type text NOT NULL,
    at timestamptz NOT NULL,
    data json NOT NULL
);
CREATE INDEX events_in_order ON events (tenant, mode, tx, n);
CREATE INDEX events_by_case ON events (case_id, n);
CREATE INDEX events_by_time ON events USING brin (at);

CREATE TABLE webhook_endpoints (
    id uuid PRIMARY KEY,
    tenant text NOT NULL,
    mode text NOT NULL CHECK (mode IN ('test', 'live')),
    url text NOT NULL,
    event_types text[] NOT NULL, -- exact types, or one '*'
    secret bytea NOT NULL, -- sealed
    old_secret bytea, -- sealed; signs as well until old_secret_until
    old_secret_until timestamptz,
    disabled_why text, -- null while enabled
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX webhook_endpoints_by_tenant ON webhook_endpoints (tenant, mode);

CREATE TABLE webhook_deliveries (
    id uuid PRIMARY KEY,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    event_n bigint NOT NULL REFERENCES events,
    state text NOT NULL CHECK (state IN ('pending', 'delivered', 'dead')),
    tries integer NOT NULL DEFAULT 0,
    due_at timestamptz, -- null unless pending
    error text,
    http_status integer,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((due_at IS NOT NULL) = (state = 'pending'))
) WITH (fillfactor = 75);
CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries (endpoint_id, created_at, id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at) WHERE due_at IS NOT NULL;

-- key_index and body_index are keyed hashes (of tenant, mode and the caller's key; of the body).
CREATE TABLE idempotency (
    key_index bytea PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES requests,
    body_index bytea NOT NULL,
    response bytea NOT NULL, -- sealed
    created_at timestamptz NOT NULL
);
ALTER TABLE idempotency ALTER COLUMN response SET STORAGE EXTERNAL;

-- next is the first number of the next block.
CREATE TABLE control_numbers (
    sender text NOT NULL,
    receiver text NOT NULL,
    next bigint NOT NULL,
    PRIMARY KEY (sender, receiver)
) WITH (fillfactor = 50);

CREATE TABLE api_keys (
    id text PRIMARY KEY,
    tenant text NOT NULL,
    mode text NOT NULL CHECK (mode IN ('test', 'live')),
    name text NOT NULL,
    scopes text[] NOT NULL,
    secret_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX api_keys_by_tenant ON api_keys (tenant);
