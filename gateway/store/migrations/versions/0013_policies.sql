-- What a tenant wants done with a request that its payer's policy is not met by. A tenant without a row has said nothing.
CREATE TABLE tenant_settings (
    tenant text PRIMARY KEY,
    preflight text NOT NULL CHECK (preflight IN ('block', 'warn', 'off')),
    updated_at timestamptz NOT NULL
);

-- How a request stood against its payer's policy when it was taken. report: sealed under the tenant's key.
CREATE TABLE preflights (
    request_id uuid PRIMARY KEY REFERENCES requests,
    setting text NOT NULL,
    report bytea NOT NULL,
    made_at timestamptz NOT NULL
);
