-- Under which keys what was said over a connection may be named by an answer. A key holds nothing of a patient. Written
-- before the frame is: one whose frame was never written is nobody's.
CREATE TABLE correspondence (
    connection text NOT NULL,
    key text NOT NULL,
    attempt_id uuid NOT NULL,
    request_id uuid NOT NULL REFERENCES requests,
    at timestamptz NOT NULL,
    PRIMARY KEY (connection, key, attempt_id)
);

-- One worker at a time looks into a connection's mailbox. seen: what lay there when it was looked at last, sealed.
CREATE TABLE mailboxes (
    connection text PRIMARY KEY,
    look_at timestamptz NOT NULL,
    leased_until timestamptz,
    looked_at timestamptz,
    seen bytea,
    trouble text
);

-- Every file that came. The body is sealed under a key of the house, for it may be about patients of several tenants;
-- of the same bytes again it is not kept twice (first_id). findings: what each letter in it came to, without PHI.
-- tries: how often somebody began to open it since it waits.
CREATE TABLE arrivals (
    id uuid PRIMARY KEY,
    connection text NOT NULL,
    name bytea NOT NULL,
    file_index bytea NOT NULL,
    size bigint NOT NULL,
    digest bytea NOT NULL,
    body bytea,
    first_id uuid REFERENCES arrivals,
    at timestamptz NOT NULL,
    state text NOT NULL,
    reason text,
    findings json NOT NULL DEFAULT '[]',
    dismissal bytea,
    tries integer NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL,
    CHECK ((body IS NULL) = (first_id IS NOT NULL))
);
CREATE UNIQUE INDEX arrivals_once ON arrivals (connection, digest) WHERE first_id IS NULL;
CREATE INDEX arrivals_files ON arrivals (connection, file_index);
CREATE INDEX arrivals_waiting ON arrivals (connection, at) WHERE state = 'stored';
CREATE INDEX arrivals_latest ON arrivals (at);

-- What a letter of an arrival said of an attempt was heard, once: written in the transaction that writes what it said.
-- letter: a keyed digest of its bytes. Where it stood in the file may be told otherwise by another release.
CREATE TABLE hearings (
    arrival_id uuid NOT NULL REFERENCES arrivals,
    attempt_id uuid NOT NULL,
    letter bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (arrival_id, attempt_id, letter)
);
