-- When to look at a talk of peers again; null where nothing more is to come of it. What was said of it stands in the
-- journal, in notes of its name.
CREATE TABLE talks (
    request_id uuid NOT NULL REFERENCES requests,
    n int NOT NULL,
    submission_id uuid NOT NULL REFERENCES submissions,
    look_at timestamptz,
    PRIMARY KEY (request_id, n)
);
CREATE INDEX talks_look_at ON talks (look_at) WHERE look_at IS NOT NULL;
