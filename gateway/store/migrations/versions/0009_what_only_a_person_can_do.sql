-- What the other side of a connection asked of a person, over which submission. picture and answer are sealed under the
-- key of the case's tenant. The page waits until open_until, and nothing else goes over the connection until rests_until,
-- unless somebody resumes it before: resumed_at. answer: given once (taken_at), and never after open_until.
CREATE TABLE challenges (
    id uuid PRIMARY KEY,
    connection text NOT NULL,
    request_id uuid NOT NULL REFERENCES requests,
    submission_id uuid NOT NULL,
    kind text NOT NULL,
    says text NOT NULL,
    picture_type text,
    picture bytea,
    asked_at timestamptz NOT NULL,
    open_until timestamptz NOT NULL,
    rests_until timestamptz NOT NULL,
    resumed_at timestamptz,
    answer bytea,
    taken_at timestamptz,
    CHECK ((picture IS NULL) = (picture_type IS NULL))
);
CREATE INDEX challenges_of_connection ON challenges (connection, asked_at DESC);
CREATE INDEX challenges_of_case ON challenges (request_id, asked_at DESC);

-- Who has this is signed in at a payer's site: sealed under a key of the house. last_code: the time step (RFC 6238, T) of
-- the latest one-time code that was used.
CREATE TABLE site_sessions (
    connection text PRIMARY KEY,
    state bytea NOT NULL,
    made_at timestamptz NOT NULL,
    last_code bigint NOT NULL
);
