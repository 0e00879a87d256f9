-- Statements under their names; loaded by queries.py. Arguments are $1, $2 and so on, in the order said where it is
-- not plain.

-- lock_schema --
SELECT pg_advisory_xact_lock($1)

-- has_revision --
SELECT to_regclass('alembic_version') IS NOT NULL

-- get_revision --
SELECT version_num FROM alembic_version

-- can_write --
SELECT NOT (pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean) AS can_write

-- has_trigger --
SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = $1::regclass AND tgname = $2 AND tgenabled <> 'D')

-- tell_time --
SELECT clock_timestamp()

-- notify --
SELECT pg_notify($1, $2)

-- keep_event_order --
-- On a server whose transaction numbers are behind those of the events it holds (a restored dump), go on above them.
-- The margin covers events whose number (n) came long before their transaction's last one.
WITH newest AS (SELECT max(tx) + 1000000 AS tx FROM (SELECT tx FROM events ORDER BY n DESC LIMIT 1000) AS last)
UPDATE event_era
SET shift = newest.tx - pg_current_xact_id()::text::bigint
FROM newest
WHERE newest.tx - 1000000 >= pg_current_xact_id()::text::bigint + shift

-- find_foreign_master_key --
SELECT master_key FROM data_keys WHERE master_key <> $1 LIMIT 1

-- claim_master_key --
-- Of several at once one wins. Nobody does while data keys are wrapped by another one.
INSERT INTO master_key (fingerprint)
SELECT $1 WHERE NOT EXISTS (SELECT FROM data_keys WHERE master_key <> $1)
ON CONFLICT DO NOTHING

-- get_master_key --
-- While none is written down, one that is not $1 and wraps data keys.
SELECT coalesce(
    (SELECT fingerprint FROM master_key),
    (SELECT master_key FROM data_keys WHERE master_key <> $1 ORDER BY id LIMIT 1)
)

-- lock_master_key --
SELECT fingerprint FROM master_key FOR UPDATE

-- set_master_key --
INSERT INTO master_key (fingerprint) VALUES ($1) ON CONFLICT (only_row) DO UPDATE SET fingerprint = $1

-- get_data_key --
SELECT id, wrapped FROM data_keys WHERE tenant = $1

-- add_data_key --
-- Only while the master key is the one written down; who changes that waits for this, and the other way round.
INSERT INTO data_keys (tenant, wrapped, master_key)
SELECT $1, $2, $3 FROM master_key WHERE fingerprint = $3 FOR SHARE
ON CONFLICT (tenant) DO NOTHING

-- lock_data_keys --
SELECT id, tenant, wrapped FROM data_keys WHERE master_key = $1 ORDER BY id FOR UPDATE

-- find_gateway --
SELECT EXISTS (
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1
)

-- rewrap_data_key --
UPDATE data_keys SET wrapped = $2, master_key = $3 WHERE id = $1

-- accept --
-- One statement for all that accepting writes, for any number of requests: arrays $2 to $18 have one element for each,
-- $19 to $24 one for each of their lines. Where there is an idempotency key, its lock is taken first (without waiting)
-- and then the key; of a request nothing is written unless both succeed. A lock held elsewhere is a request under way;
-- a key that is there is a request accepted before. $1 is now.
WITH new AS MATERIALIZED (
    SELECT
        *, key_index IS NULL OR pg_try_advisory_xact_lock(lock) AS held
    FROM unnest(
        $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::bytea[], $8::bytea[], $9::bytea[],
        $10::bigint[], $11::bytea[], $12::bytea[], $13::text[], $14::json[], $15::bytea[], $16::bytea[],
        $17::bytea[], $18::uuid[], $29::json[], $30::text[], $31::bytea[]
    ) AS new (
        id, tenant, mode, payer, reference, reference_index, member_index, key_index, lock, body_index, response,
        kind, meta, body, digest, tag, event_id, told, setting, report
    )
), claimed AS (
    INSERT INTO idempotency (key_index, case_id, body_index, response, created_at)
    SELECT key_index, id, body_index, response, $1 FROM new WHERE held AND key_index IS NOT NULL
    ON CONFLICT (key_index) DO NOTHING
    RETURNING case_id
), fresh AS MATERIALIZED (
    SELECT * FROM new WHERE held AND (key_index IS NULL OR id IN (SELECT case_id FROM claimed))
), request AS (
    INSERT INTO requests (
        id, tenant, mode, payer, status, attention, reference, reference_index, member_index,
        journal_head, journal_count, journal_tag, created_at, updated_at
    )
    SELECT id, tenant, mode, payer, $25, $26, reference, reference_index, member_index, digest, 1, tag, $1, $1 FROM fresh
), line AS (
    INSERT INTO lines (request_id, line_id, place, role, code_system, code, outcome)
    SELECT line.case_id, line.id, line.place, line.role, line.code_system, line.code, $27
    FROM unnest($19::uuid[], $20::text[], $21::int[], $22::text[], $23::text[], $24::text[])
        AS line (case_id, id, place, role, code_system, code)
    WHERE line.case_id IN (SELECT id FROM fresh)
), entry AS (
    INSERT INTO journal (request_id, n, kind, at, meta, body, digest)
    SELECT id, 1, kind, $1, meta, body, digest FROM fresh
), preflight AS (
    INSERT INTO preflights (request_id, setting, report, made_at)
    SELECT id, setting, report, $1 FROM fresh WHERE report IS NOT NULL
), event AS (
    INSERT INTO events (tx, id, tenant, mode, case_id, type, at, data)
    SELECT pg_current_xact_id()::text::bigint + era.shift, event_id, tenant, mode, fresh.id, $28, $1, told
    FROM fresh, event_era AS era
    RETURNING n, tenant, mode, case_id
), delivery AS (
    INSERT INTO webhook_deliveries (id, endpoint_id, event_n, state, due_at, created_at, updated_at)
    SELECT gen_random_uuid(), endpoint.id, event.n, 'pending', $1, $1, $1
    FROM event
    JOIN webhook_endpoints AS endpoint ON
        endpoint.tenant = event.tenant AND endpoint.mode = event.mode AND endpoint.disabled_why IS NULL
        AND endpoint.event_types && ARRAY['*', $28]
    FOR KEY SHARE OF endpoint -- one removed just now is left out
    RETURNING id, event_n
)
SELECT
    new.id, new.held, new.id IN (SELECT id FROM fresh) AS accepted,
    ARRAY(SELECT delivery.id FROM delivery JOIN event ON event.n = delivery.event_n WHERE event.case_id = new.id)
        AS delivery_ids
FROM new

-- claim --
-- The guard of accept alone, for another act: $1 the key, $6 its lock.
WITH turn AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock($6::bigint) AS held
), claimed AS (
    INSERT INTO idempotency (key_index, case_id, body_index, response, created_at)
    SELECT $1, $2, $3, $4, $5 FROM turn WHERE held
    ON CONFLICT (key_index) DO NOTHING
    RETURNING 1
)
SELECT held, EXISTS (SELECT FROM claimed) AS accepted FROM turn

-- reword --
UPDATE idempotency SET response = $2 WHERE key_index = $1

-- get_idempotency --
SELECT case_id, body_index, response FROM idempotency WHERE key_index = $1

-- load_case --
-- $2 and $3 are tenant and mode, null for any; $4 says whether the canonical request is wanted too. cases.py also runs
-- it with FOR NO KEY UPDATE OF r. Then submissions and attempts are those of the moment the statement began, which may
-- be before another transaction gave up the lock it waited for; settled is false in that case, and the same statement
-- again sees all.
SELECT
    r.tenant, r.mode, r.status, r.attention, r.attention_why, r.standing, r.created_at, r.updated_at,
    r.journal_count, r.journal_head, r.journal_tag,
    (SELECT ROW(kind, at, submission_id, attempt_id, meta, body)
     FROM journal WHERE request_id = $1 AND n = 1 AND $4) AS request,
    ARRAY(
        SELECT ROW(
            id, place, payer, connection, channel, benefit, line_ids, status, attention, attention_why, due_at,
            due_for, tries, cancelling, clocks, recommends
        )
        FROM submissions WHERE request_id = $1 ORDER BY place, id
    ) AS submissions,
    ARRAY(
        SELECT ROW(
            id, submission_id, verb, stamp_at, stamp_number, stamp_seed, delivery, planned_at, sent_at, ended_at,
            work, error, said_at, harmless
        )
        FROM attempts WHERE request_id = $1 ORDER BY n
    ) AS attempts,
    r.ctid = (SELECT seen.ctid FROM requests AS seen WHERE seen.id = $1) AS settled
FROM requests AS r
WHERE r.id = $1 AND ($2::text IS NULL OR r.tenant = $2) AND ($3::text IS NULL OR r.mode = $3)

-- lock_journal_end --
SELECT journal_head, journal_count, journal_tag, updated_at FROM requests WHERE id = $1 FOR NO KEY UPDATE

-- get_outcomes --
SELECT n, kind, at, submission_id, attempt_id, meta, body
FROM journal
WHERE request_id = $1 AND submission_id = $2 AND kind = $3
ORDER BY n

-- get_outcomes_before --
-- As get_outcomes, without what was heard after attempt $4 was first said.
SELECT n, kind, at, submission_id, attempt_id, meta, body
FROM journal
WHERE request_id = $1 AND submission_id = $2 AND kind = $3
    AND n < ALL (SELECT said.n FROM journal AS said WHERE said.request_id = $1 AND said.attempt_id = $4 AND said.kind = $5)
ORDER BY n

-- get_entry --
SELECT n, kind, at, submission_id, attempt_id, meta, body
FROM journal
WHERE request_id = $1 AND n = $2 AND kind = $3

-- get_sayings --
SELECT n, kind, at, submission_id, attempt_id, meta, body, digest
FROM journal
WHERE request_id = $1 AND attempt_id = $2 AND kind = ANY($3::text[])
ORDER BY n

-- change_attempts --
-- Arrays, one element per attempt. Verb, stamp, delivery and work stay.
UPDATE attempts SET
    planned_at = new.planned_at, sent_at = new.sent_at, ended_at = new.ended_at, error = new.error
FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::text[])
    AS new (id, planned_at, sent_at, ended_at, error)
WHERE attempts.id = new.id AND attempts.request_id = $1
RETURNING attempts.id

-- write_step --
-- A step: the case ($4 to $9, and $55; of a standing that is null, all stays), submissions ($10 to $23, $59 to $61, one
-- element each, line ids joined by commas), new attempts ($24 to $35, $56, $57), moves of older ones ($36 to $39, $58), journal
-- entries ($40 to $46), line outcomes ($47, $48), events ($49 to $51) and their webhook deliveries (due at $52). $2 is now.
-- Nothing is written unless the journal's count is $3, its head $53 and the time of the last step $54, every move
-- begins where its attempt is, and no submission belongs to another case.
WITH request AS (
    UPDATE requests SET
        updated_at = $2,
        journal_head = $4,
        journal_count = $5,
        journal_tag = $55,
        standing = coalesce($6, standing),
        status = coalesce($7, status),
        attention = coalesce($8, attention),
        attention_why = CASE WHEN $7::text IS NULL THEN attention_why ELSE $9 END
    WHERE id = $1 AND journal_count = $3 AND journal_head = $53 AND updated_at = $54
        AND NOT EXISTS (
            SELECT FROM unnest($36::uuid[], $37::text[]) AS move (id, before)
            LEFT JOIN attempts AS held ON held.id = move.id AND held.request_id = $1 AND held.delivery = move.before
            WHERE held.id IS NULL
        )
        AND NOT EXISTS (SELECT FROM submissions AS held WHERE held.id = ANY ($10) AND held.request_id <> $1)
    RETURNING tenant, mode
), submission AS (
    INSERT INTO submissions (
        request_id, id, place, payer, connection, channel, benefit, line_ids, status, attention, attention_why,
        due_at, due_for, tries, cancelling, clocks, decide_by, recommends
    )
    SELECT
        $1, new.id, new.place, new.payer, new.connection, new.channel, new.benefit,
        string_to_array(new.line_ids, ','), new.status, new.attention, new.attention_why, new.due_at, new.due_for,
        new.tries, new.cancelling, new.clocks, new.decide_by, new.recommends
    FROM request, unnest(
        $10::uuid[], $11::int[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[],
        $18::text[], $19::text[], $20::timestamptz[], $21::text[], $22::int[], $23::boolean[], $59::json[],
        $60::timestamptz[], $61::boolean[]
    ) AS new (
        id, place, payer, connection, channel, benefit, line_ids, status, attention, attention_why, due_at, due_for,
        tries, cancelling, clocks, decide_by, recommends
    )
    ON CONFLICT (id) DO UPDATE SET
        place = excluded.place, payer = excluded.payer, connection = excluded.connection,
        channel = excluded.channel, benefit = excluded.benefit, line_ids = excluded.line_ids,
        status = excluded.status, attention = excluded.attention, attention_why = excluded.attention_why,
        due_at = excluded.due_at, due_for = excluded.due_for, tries = excluded.tries,
        cancelling = excluded.cancelling, clocks = excluded.clocks, decide_by = excluded.decide_by,
        recommends = excluded.recommends
), attempt AS (
    INSERT INTO attempts (
        request_id, id, submission_id, verb, stamp_at, stamp_number, stamp_seed, delivery, planned_at, sent_at,
        ended_at, work, error, said_at, harmless
    )
    SELECT $1, new.*
    FROM request, unnest(
        $24::uuid[], $25::uuid[], $26::text[], $27::timestamptz[], $28::int[], $29::text[], $30::text[],
        $31::timestamptz[], $32::timestamptz[], $33::timestamptz[], $34::bytea[], $35::text[], $56::timestamptz[],
        $57::boolean[]
    ) AS new
), moved AS (
    UPDATE attempts SET
        delivery = move.after,
        error = move.error,
        sent_at = CASE WHEN move.after = 'sent' AND NOT (move.before = 'sent' AND move.calm) THEN $2 ELSE sent_at END,
        said_at = CASE WHEN move.after = 'sent' THEN $2 ELSE said_at END,
        harmless = move.after = 'sent' AND move.calm AND move.before <> 'lost' AND (harmless OR move.before <> 'sent'),
        ended_at = CASE WHEN move.after IN ('refused', 'lost', 'reconciled', 'app_acked') THEN $2 END
    FROM request, unnest($36::uuid[], $37::text[], $38::text[], $39::text[], $58::boolean[])
        AS move (id, before, after, error, calm)
    WHERE attempts.id = move.id AND attempts.request_id = $1
), entry AS (
    INSERT INTO journal (request_id, at, n, kind, submission_id, attempt_id, meta, body, digest)
    SELECT $1, $2, new.*
    FROM request, unnest($40::int[], $41::text[], $42::uuid[], $43::uuid[], $44::json[], $45::bytea[], $46::bytea[])
        AS new
), line AS (
    UPDATE lines SET outcome = new.outcome
    FROM request, unnest($47::text[], $48::text[]) AS new (line_id, outcome)
    WHERE lines.request_id = $1 AND lines.line_id = new.line_id AND lines.outcome <> new.outcome
), event AS (
    INSERT INTO events (tx, id, tenant, mode, case_id, type, at, data)
    SELECT
        pg_current_xact_id()::text::bigint + era.shift, new.id, request.tenant, request.mode, $1, new.type, $2,
        new.data
    FROM request, event_era AS era, unnest($49::uuid[], $50::text[], $51::json[])
        WITH ORDINALITY AS new (id, type, data, place)
    ORDER BY new.place
    RETURNING n, tenant, mode, type
), delivery AS (
    INSERT INTO webhook_deliveries (id, endpoint_id, event_n, state, due_at, created_at, updated_at)
    SELECT gen_random_uuid(), endpoint.id, event.n, 'pending', $52, $2, $2
    FROM event
    JOIN webhook_endpoints AS endpoint ON
        endpoint.tenant = event.tenant AND endpoint.mode = event.mode AND endpoint.disabled_why IS NULL
        AND endpoint.event_types && ARRAY['*', event.type]
    FOR KEY SHARE OF endpoint -- one removed just now is left out
    RETURNING id
)
SELECT EXISTS (SELECT FROM request) AS written, ARRAY(SELECT id FROM delivery) AS delivery_ids

-- claim_due --
-- A timer that rings is put off by a lease, not cleared: if the job made for it is lost, it rings again.
UPDATE submissions SET due_at = $3
FROM (
    SELECT id FROM submissions WHERE due_at <= $2 ORDER BY due_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
) AS due
WHERE submissions.id = due.id
RETURNING submissions.request_id, submissions.id, submissions.due_for

-- claim_overdue --
-- As claim_due, of submissions whose payers had to decide until then.
UPDATE submissions SET decide_by = $3
FROM (
    SELECT id FROM submissions WHERE decide_by <= $2 ORDER BY decide_by LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
) AS over
WHERE submissions.id = over.id
RETURNING submissions.request_id, submissions.id

-- get_notes --
-- Notes of a name.
SELECT n, kind, at, submission_id, attempt_id, meta, body
FROM journal
WHERE request_id = $1 AND kind = $2 AND meta ->> 'note' = $3
ORDER BY n

-- set_talk_look --
INSERT INTO talks (request_id, n, submission_id, look_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (request_id, n) DO UPDATE SET look_at = $4

-- claim_talks --
-- As claim_due, of talks of peers.
UPDATE talks SET look_at = $3
FROM (
    SELECT request_id, n FROM talks WHERE look_at <= $2 ORDER BY look_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
) AS due
WHERE talks.request_id = due.request_id AND talks.n = due.n
RETURNING talks.request_id, talks.submission_id

-- find_open_routes --
-- Of submissions that wait for something.
SELECT submissions.payer, submissions.connection, submissions.channel, requests.mode, count(*) AS count
FROM submissions JOIN requests ON requests.id = submissions.request_id
WHERE submissions.due_at IS NOT NULL
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4

-- get_preflight --
SELECT setting, report FROM preflights WHERE request_id = $1

-- get_tenant_settings --
SELECT preflight FROM tenant_settings WHERE tenant = $1

-- set_preflight --
INSERT INTO tenant_settings (tenant, preflight, updated_at) VALUES ($1, $2, $3)
ON CONFLICT (tenant) DO UPDATE SET preflight = $2, updated_at = $3

-- find_open_cases --
-- $1 are the statuses that end a round.
SELECT id FROM requests WHERE status <> ALL ($1::text[]) ORDER BY id

-- list_cases --
-- listing.py adds the filters and the order.
SELECT id, reference, payer, status, attention, attention_why, created_at, updated_at
FROM requests
WHERE tenant = $1 AND mode = $2

-- read_copies --
-- What copies.py compares with the request, and the outcomes of the lines.
SELECT
    payer, reference, reference_index, member_index,
    ARRAY(
        SELECT ROW(place, line_id, role, code_system, code, outcome)
        FROM lines WHERE request_id = $1 ORDER BY place, line_id
    ) AS lines
FROM requests
WHERE id = $1

-- read_journal --
SELECT n, kind, at, submission_id, attempt_id, meta, body, digest
FROM journal
WHERE request_id = (SELECT id FROM requests WHERE id = $1 AND tenant = $2 AND mode = $3)
ORDER BY n

-- read_journal_entry --
SELECT n, kind, at, submission_id, attempt_id, meta, body, digest
FROM journal
WHERE request_id = (SELECT id FROM requests WHERE id = $1 AND tenant = $2 AND mode = $3) AND n = $4

-- read_journal_with_head --
SELECT
    r.tenant, r.journal_head, r.journal_count, r.journal_tag,
    j.n, j.kind, j.at, j.submission_id, j.attempt_id, j.meta, j.body, j.digest
FROM requests AS r
LEFT JOIN journal AS j ON j.request_id = r.id
WHERE r.id = $1
ORDER BY j.n

-- draw_numbers --
-- $3 is the size of a block, $4 the last number there is. A block that would reach over it begins at 1.
INSERT INTO control_numbers AS held (sender, receiver, next) VALUES ($1, $2, 1 + $3)
ON CONFLICT (sender, receiver) DO UPDATE
SET next = CASE WHEN held.next + $3 - 1 > $4 THEN 1 ELSE held.next END + $3
RETURNING next - $3

-- read_events --
-- $3 and $4 are the position to go on after. A case's events are written one after the other, so the earlier ones
-- are there when one is, and its place among them never changes.
SELECT tx, n, id, case_id, type, at, data,
    (SELECT count(*) FROM events AS earlier WHERE earlier.case_id = events.case_id AND earlier.n <= events.n) AS sequence
FROM events
WHERE tenant = $1 AND mode = $2 AND (tx, n) > ($3, $4)
    AND tx < (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + shift FROM event_era)
    AND ($5::text[] IS NULL OR type = ANY ($5))
ORDER BY tx, n
LIMIT $6

-- latest_events --
-- The last event of each case, by the cases' ids, after $3: of a tenant's cases in a mode.
SELECT latest.tx, latest.n, latest.id, latest.case_id, latest.type, latest.at, latest.data, latest.sequence
FROM (
    SELECT id FROM requests WHERE tenant = $1 AND mode = $2 AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4
) AS held
CROSS JOIN LATERAL (
    SELECT tx, n, id, case_id, type, at, data,
        (SELECT count(*) FROM events AS earlier WHERE earlier.case_id = held.id) AS sequence
    FROM events WHERE events.case_id = held.id ORDER BY n DESC LIMIT 1
) AS latest
ORDER BY latest.case_id

-- read_case_events --
SELECT tx, n, id, case_id, type, at, data, row_number() OVER (ORDER BY n) AS sequence
FROM events
WHERE case_id = $1 AND tenant = $2 AND mode = $3
ORDER BY n

-- add_key --
INSERT INTO api_keys (id, tenant, mode, name, scopes, secret_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- get_key --
SELECT id, tenant, mode, name, scopes, secret_hash, created_at, revoked_at FROM api_keys WHERE id = $1

-- revoke_key --
UPDATE api_keys SET revoked_at = $3 WHERE id = $1 AND tenant = $2 AND revoked_at IS NULL RETURNING id

-- list_keys --
SELECT id, tenant, mode, name, scopes, created_at, revoked_at FROM api_keys WHERE tenant = $1 ORDER BY created_at, id

-- add_endpoint --
INSERT INTO webhook_endpoints (id, tenant, mode, url, event_types, secret, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
RETURNING id, tenant, mode, url, event_types, disabled_why, created_at, updated_at

-- list_endpoints --
SELECT id, tenant, mode, url, event_types, disabled_why, created_at, updated_at
FROM webhook_endpoints
WHERE tenant = $1 AND mode = $2
ORDER BY created_at, id

-- get_endpoint --
SELECT id, tenant, mode, url, event_types, disabled_why, created_at, updated_at
FROM webhook_endpoints
WHERE id = $1 AND tenant = $2 AND mode = $3

-- change_endpoint --
-- Of one that moved, or is enabled, nothing is known yet.
UPDATE webhook_endpoints SET
    url = coalesce($4, url),
    event_types = coalesce($5, event_types),
    disabled_why = CASE
        WHEN $6::boolean IS NULL THEN disabled_why
        WHEN NOT $6 THEN coalesce(disabled_why, 'disabled by its owner')
    END,
    bearing = CASE WHEN $4 IS NULL AND $6 IS NULL THEN bearing END,
    silences = CASE WHEN $4 IS NULL AND $6 IS NULL THEN silences ELSE 0 END,
    rests_until = CASE WHEN $4 IS NULL AND $6 IS NULL THEN rests_until END,
    updated_at = $7
WHERE id = $1 AND tenant = $2 AND mode = $3
RETURNING id, tenant, mode, url, event_types, disabled_why, created_at, updated_at

-- replace_secret --
-- Those before keep what they were promised, the last $7 of them; a replacement at once (until now) ends them all.
UPDATE webhook_endpoints AS endpoint SET
    secret = $4,
    old_secret = secret,
    old_secret_until = $5,
    (old_secrets, old_secrets_until) = (
        SELECT
            coalesce(array_agg(held.secret ORDER BY held.until), '{}'),
            coalesce(array_agg(held.until ORDER BY held.until), '{}')
        FROM (
            SELECT old.secret, old.until
            FROM (
                SELECT endpoint.secret, $5::timestamptz
                UNION ALL
                SELECT * FROM unnest(endpoint.old_secrets, endpoint.old_secrets_until)
            ) AS old (secret, until)
            WHERE old.until > $6 AND $5 > $6
            ORDER BY old.until DESC
            LIMIT $7
        ) AS held
    ),
    updated_at = $6
WHERE id = $1 AND tenant = $2 AND mode = $3
RETURNING id, tenant, mode, url, event_types, disabled_why, created_at, updated_at

-- lock_endpoint --
-- From here on no delivery to it can be added.
SELECT id FROM webhook_endpoints WHERE id = $1 AND tenant = $2 AND mode = $3 FOR UPDATE

-- remove_deliveries --
WITH held AS (SELECT id FROM webhook_deliveries WHERE endpoint_id = $1 ORDER BY id FOR UPDATE)
DELETE FROM webhook_deliveries AS delivery USING held WHERE delivery.id = held.id

-- remove_endpoint --
DELETE FROM webhook_endpoints WHERE id = $1

-- disable_endpoint --
-- Only if nobody has changed it since $4.
WITH endpoint AS (
    UPDATE webhook_endpoints SET disabled_why = $2, updated_at = $3 WHERE id = $1 AND updated_at = $4 RETURNING id
), held AS (
    SELECT delivery.id
    FROM endpoint JOIN webhook_deliveries AS delivery ON delivery.endpoint_id = endpoint.id
    WHERE delivery.state = 'pending'
    ORDER BY delivery.id FOR NO KEY UPDATE OF delivery
), dead AS (
    UPDATE webhook_deliveries AS delivery
    SET state = 'dead', due_at = NULL, error = 'endpoint_disabled', updated_at = $3
    FROM held
    WHERE delivery.id = held.id
    RETURNING 1
)
SELECT (SELECT count(*) FROM dead) AS dead FROM endpoint

-- claim_due_deliveries --
-- Fair: tenants take turns, of a tenant its endpoints, and to an endpoint what is due longest goes first. $1 is the
-- room, $4 how much of it is for endpoints that are not known to be good. To a good one $5 may be under way at a time,
-- one to a silent one, $6 to any other, less what is under way from here: $7 to $9 are arrays of endpoints, how many
-- that is, and whether one of them is slow. Endpoints are found by hops through the index, so that a heap of deliveries
-- to one costs no more than a few. Secrets: the one in force, and the one before it while that signs as well.
WITH RECURSIVE pending AS (
    (SELECT endpoint_id AS id FROM webhook_deliveries WHERE due_at IS NOT NULL ORDER BY endpoint_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT further.endpoint_id FROM webhook_deliveries AS further
        WHERE further.due_at IS NOT NULL AND further.endpoint_id > pending.id
        ORDER BY further.endpoint_id LIMIT 1
    )
    FROM pending WHERE pending.id IS NOT NULL
), open AS (
    SELECT
        endpoint.id, endpoint.tenant, endpoint.mode, bears.good,
        CASE WHEN bears.good THEN $5 WHEN endpoint.bearing = 'silent' THEN 1 ELSE $6 END - coalesce(here.held, 0)
            AS places
    FROM pending
    JOIN webhook_endpoints AS endpoint ON endpoint.id = pending.id
    LEFT JOIN unnest($7::uuid[], $8::int[], $9::boolean[]) AS here (id, held, slow) ON here.id = endpoint.id
    CROSS JOIN LATERAL (
        SELECT coalesce(endpoint.bearing = 'good', false) AND NOT coalesce(here.slow, false) AS good
    ) AS bears
    WHERE endpoint.disabled_why IS NULL AND (endpoint.rests_until IS NULL OR endpoint.rests_until <= $2)
), in_rounds AS (
    SELECT open.*, due.due_at, row_number() OVER (PARTITION BY open.id ORDER BY due.due_at) AS round
    FROM open
    CROSS JOIN LATERAL (
        SELECT delivery.due_at FROM webhook_deliveries AS delivery
        WHERE delivery.endpoint_id = open.id AND delivery.due_at <= $2
        ORDER BY delivery.due_at LIMIT greatest(open.places, 0)
    ) AS due
), in_turns AS (
    SELECT *, row_number() OVER (PARTITION BY good, tenant, mode ORDER BY round, due_at) AS turn FROM in_rounds
), in_line AS (
    SELECT *, row_number() OVER (PARTITION BY good ORDER BY turn, due_at) AS place FROM in_turns
), chosen AS (
    SELECT first.id, count(*) AS count
    FROM (SELECT id FROM in_line WHERE good OR place <= $4 ORDER BY turn, due_at LIMIT $1) AS first
    GROUP BY first.id
), due AS (
    SELECT due.id
    FROM chosen
    CROSS JOIN LATERAL (
        SELECT delivery.id FROM webhook_deliveries AS delivery
        WHERE delivery.endpoint_id = chosen.id AND delivery.due_at <= $2
        ORDER BY delivery.due_at LIMIT chosen.count FOR NO KEY UPDATE SKIP LOCKED
    ) AS due
), taken AS (
    UPDATE webhook_deliveries AS delivery SET due_at = $3 FROM due WHERE delivery.id = due.id
    RETURNING delivery.id, delivery.endpoint_id, delivery.event_n, delivery.tries
)
SELECT
    taken.id AS delivery_id, taken.endpoint_id, taken.tries, endpoint.tenant, endpoint.mode, endpoint.url,
    endpoint.updated_at, endpoint.bearing, endpoint.silences,
    array_prepend(endpoint.secret, ARRAY(
        SELECT old.secret FROM unnest(endpoint.old_secrets, endpoint.old_secrets_until) AS old (secret, until)
        WHERE old.until > $2 ORDER BY old.until DESC
    )) AS secrets,
    event.tx, event.n, event.id, event.case_id, event.type, event.at, event.data,
    (SELECT count(*) FROM events AS earlier WHERE earlier.case_id = event.case_id AND earlier.n <= event.n) AS sequence
FROM taken
JOIN webhook_endpoints AS endpoint ON endpoint.id = taken.endpoint_id
JOIN events AS event ON event.n = taken.event_n
ORDER BY event.n

-- find_late_endpoints --
-- Those to which something is due since before $1, and whose own fault that is not.
WITH RECURSIVE pending AS (
    (SELECT endpoint_id AS id FROM webhook_deliveries WHERE due_at IS NOT NULL ORDER BY endpoint_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT further.endpoint_id FROM webhook_deliveries AS further
        WHERE further.due_at IS NOT NULL AND further.endpoint_id > pending.id
        ORDER BY further.endpoint_id LIMIT 1
    )
    FROM pending WHERE pending.id IS NOT NULL
)
SELECT endpoint.id
FROM pending
JOIN webhook_endpoints AS endpoint ON endpoint.id = pending.id
WHERE endpoint.disabled_why IS NULL AND coalesce(endpoint.bearing = 'good', true)
    AND EXISTS (
        SELECT FROM webhook_deliveries AS delivery WHERE delivery.endpoint_id = endpoint.id AND delivery.due_at <= $1
    )

-- note_bearings --
-- Arrays, one element per endpoint; $2 is when it was last changed, as who tried it knew it. It is not changed by this.
WITH held AS (SELECT id FROM webhook_endpoints WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE)
UPDATE webhook_endpoints AS endpoint
SET bearing = seen.bearing, silences = seen.silences, rests_until = seen.rests_until
FROM held
JOIN unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::int[], $5::timestamptz[])
    AS seen (id, updated_at, bearing, silences, rests_until) USING (id)
WHERE endpoint.id = held.id AND endpoint.updated_at = seen.updated_at
    AND (seen.silences = 0 OR seen.silences > endpoint.silences)

-- end_deliveries --
-- Arrays, one element per try.
WITH held AS (SELECT id FROM webhook_deliveries WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE)
UPDATE webhook_deliveries AS delivery
SET state = ended.state, due_at = ended.due_at, error = ended.error, http_status = ended.http_status,
    tries = tries + 1, updated_at = $6
FROM held
JOIN unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::int[])
    AS ended (id, state, due_at, error, http_status) USING (id)
WHERE delivery.id = held.id
    AND (delivery.state = 'pending' OR delivery.state = 'dead' AND ended.state = 'dead')

-- put_off_deliveries --
WITH held AS (SELECT id FROM webhook_deliveries WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE)
UPDATE webhook_deliveries AS delivery SET due_at = $2, error = $3, http_status = NULL, updated_at = $4
FROM held
WHERE delivery.id = held.id AND delivery.state = 'pending'

-- resend --
INSERT INTO webhook_deliveries (id, endpoint_id, event_n, state, due_at, created_at, updated_at)
SELECT $4, delivery.endpoint_id, delivery.event_n, 'pending', $5, $5, $5
FROM webhook_deliveries AS delivery
JOIN webhook_endpoints AS endpoint ON endpoint.id = delivery.endpoint_id
WHERE delivery.id = $1 AND endpoint.tenant = $2 AND endpoint.mode = $3 AND endpoint.disabled_why IS NULL
RETURNING id

-- resend_events --
-- Of a case ($4), one of its events ($5), or of a span of time ($6 to $7). $8 is now. Who asks for this says that the
-- receiver works again, so its endpoint rests no longer.
WITH woken AS (
    UPDATE webhook_endpoints SET rests_until = NULL
    WHERE id = $1 AND tenant = $2 AND mode = $3 AND rests_until IS NOT NULL
)
INSERT INTO webhook_deliveries (id, endpoint_id, event_n, state, due_at, created_at, updated_at)
SELECT gen_random_uuid(), endpoint.id, event.n, 'pending', $8, $8, $8
FROM webhook_endpoints AS endpoint
JOIN events AS event ON event.tenant = endpoint.tenant AND event.mode = endpoint.mode
WHERE endpoint.id = $1 AND endpoint.tenant = $2 AND endpoint.mode = $3 AND endpoint.disabled_why IS NULL
    AND ($4::uuid IS NULL OR event.case_id = $4)
    AND ($5::uuid IS NULL OR event.id = $5)
    AND ($6::timestamptz IS NULL OR event.at >= $6)
    AND ($7::timestamptz IS NULL OR event.at < $7)
ORDER BY event.n
LIMIT $9
RETURNING id

-- list_deliveries --
SELECT
    delivery.id, event.id AS event_id, event.type AS event_type, event.case_id, delivery.state, delivery.tries,
    CASE WHEN delivery.due_at IS NOT NULL THEN greatest(delivery.due_at, endpoint.rests_until) END AS due_at,
    delivery.error, delivery.http_status, delivery.created_at, delivery.updated_at
FROM webhook_deliveries AS delivery
JOIN webhook_endpoints AS endpoint ON endpoint.id = delivery.endpoint_id
JOIN events AS event ON event.n = delivery.event_n
WHERE delivery.endpoint_id = $1 AND endpoint.tenant = $2 AND endpoint.mode = $3
    AND ($4::text IS NULL OR delivery.state = $4)
    AND (delivery.created_at, delivery.id) < ($5, $6)
ORDER BY delivery.created_at DESC, delivery.id DESC
LIMIT $7

-- leave_lines --
-- Waiting jobs of other kinds than $2 become $1.
UPDATE pgqueuer SET entrypoint = $1 WHERE status = 'queued' AND entrypoint <> ALL($2::text[])

-- register_keys --
INSERT INTO correspondence (connection, key, attempt_id, request_id, at)
SELECT $1, key, $3, $4, $5 FROM unnest($2::text[]) AS key
ON CONFLICT DO NOTHING

-- find_correspondents --
-- Attempts of which a frame is in the journal.
SELECT DISTINCT held.attempt_id, held.request_id
FROM correspondence AS held
WHERE held.connection = $1 AND held.key = ANY ($2::text[])
    AND EXISTS (
        SELECT FROM journal
        WHERE journal.request_id = held.request_id AND journal.attempt_id = held.attempt_id AND journal.kind = $3
    )
ORDER BY held.attempt_id

-- take_mailbox --
-- A turn to look into a mailbox, until $3; no row while it is somebody else's, or not time yet.
-- Nor while nothing was ever said that a file might answer.
INSERT INTO mailboxes AS held (connection, look_at, leased_until)
SELECT $1, $2, $3 WHERE EXISTS (SELECT FROM correspondence WHERE connection = $1)
ON CONFLICT (connection) DO UPDATE SET leased_until = $3
WHERE held.look_at <= $2 AND (held.leased_until IS NULL OR held.leased_until <= $2)
RETURNING seen, untidy

-- renew_mailbox --
-- Only while it is ours: no two turns end at one moment.
UPDATE mailboxes SET leased_until = $3 WHERE connection = $1 AND leased_until = $2 RETURNING connection

-- leave_mailbox --
-- $4 is what lay there, and $5 what of it could not be put away; null where nobody could look.
UPDATE mailboxes SET
    look_at = $3, leased_until = NULL, seen = coalesce($4, seen), untidy = coalesce($5, untidy), trouble = $6,
    looked_at = CASE WHEN $4::bytea IS NULL THEN looked_at ELSE $7 END
WHERE connection = $1 AND leased_until = $2

-- list_mailboxes --
SELECT connection, look_at, looked_at, trouble FROM mailboxes ORDER BY connection

-- count_stuck --
SELECT count(*) FROM arrivals WHERE connection = $1 AND state = 'stored' AND tries > $2

-- find_files --
SELECT DISTINCT file_index FROM arrivals WHERE connection = $1 AND file_index = ANY ($2::bytea[])

-- lock_arrival --
-- Two workers that fetched the same file keep it once.
SELECT pg_advisory_xact_lock(hashtextextended(encode($1::bytea, 'hex'), 0))

-- find_arrival --
SELECT id, file_index FROM arrivals WHERE connection = $1 AND digest = $2 ORDER BY first_id NULLS FIRST, at

-- find_message --
-- What came first under an id that tells a message apart.
SELECT id, at, digest FROM arrivals WHERE connection = $1 AND file_index = $2 ORDER BY at, id LIMIT 1

-- keep_arrival --
INSERT INTO arrivals (id, connection, name, file_index, size, digest, body, first_id, at, state, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9)

-- claim_arrival --
-- The next that waits, put off until $3: whoever dies over it, or cannot open it yet, keeps no other waiting.
UPDATE arrivals SET updated_at = $3, tries = tries + 1
WHERE id = (
    SELECT id FROM arrivals
    WHERE connection = $1 AND state = 'stored' AND updated_at <= $2
    ORDER BY at, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
)
RETURNING id

-- read_arrival --
SELECT arrival.*, first.body AS first_body
FROM arrivals AS arrival
LEFT JOIN arrivals AS first ON first.id = arrival.first_id
WHERE arrival.id = $1

-- settle_arrival --
-- Only one that waits: what a person put away meanwhile stays there.
UPDATE arrivals SET state = $2, reason = $3, findings = $4, updated_at = $5 WHERE id = $1 AND state = 'stored'

-- list_arrivals --
SELECT id, connection, name, size, at, state, reason, first_id, findings, tries
FROM arrivals
WHERE $1::text IS NULL OR state = $1
ORDER BY at DESC, id
LIMIT $2

-- place_arrival_again --
UPDATE arrivals SET state = 'stored', tries = 0, updated_at = $2
WHERE id = $1 AND first_id IS NULL AND state IN ('quarantined', 'dismissed')
RETURNING connection

-- hurry_mailbox --
UPDATE mailboxes SET look_at = $2 WHERE connection = $1 AND look_at > $2

-- dismiss_arrival --
UPDATE arrivals SET state = 'dismissed', dismissal = $2, updated_at = $3
WHERE id = $1 AND state IN ('stored', 'quarantined')
RETURNING id

-- hear_once --
INSERT INTO hearings (arrival_id, attempt_id, letter, at)
SELECT $1, $2, letter, $4 FROM unnest($3::bytea[]) AS told (letter)
ON CONFLICT DO NOTHING
RETURNING letter

-- load_session --
SELECT state, made_at, last_code FROM site_sessions WHERE connection = $1

-- save_session --
-- A code that was used stays used, whoever saves later.
INSERT INTO site_sessions (connection, state, made_at, last_code) VALUES ($1, $2, $3, $4)
ON CONFLICT (connection) DO UPDATE SET
    state = excluded.state, made_at = excluded.made_at, last_code = greatest(site_sessions.last_code, excluded.last_code)

-- forget_session --
-- Of the codes that were used none is forgotten.
UPDATE site_sessions SET state = $2, made_at = $3 WHERE connection = $1

-- lock_sign_in --
SELECT pg_advisory_lock(hashtextextended('sign_in ' || $1::text, 0))

-- ask_person --
-- While one is open over a connection, no other is.
INSERT INTO challenges (
    id, connection, request_id, submission_id, kind, says, picture_type, picture, asked_at, open_until, rests_until
)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
WHERE NOT EXISTS (SELECT FROM challenges WHERE connection = $2 AND resumed_at IS NULL AND open_until > $9)

-- find_rest --
SELECT request_id, submission_id, rests_until FROM challenges
WHERE connection = $1 AND resumed_at IS NULL AND rests_until > $2
ORDER BY asked_at DESC
LIMIT 1

-- list_challenges --
-- Of a case, the latest of each of its submissions that nobody resumed.
SELECT DISTINCT ON (submission_id)
    id, connection, submission_id, kind, says, picture_type, picture, asked_at, open_until
FROM challenges
WHERE request_id = $1 AND resumed_at IS NULL
ORDER BY submission_id, asked_at DESC

-- resume --
-- Whatever else was asked over the connection is done with as well.
-- What waited for that, and was to be looked at when the rest is over, is looked at now.
WITH lifted AS (
    UPDATE challenges SET resumed_at = $2, answer = CASE WHEN id = $3 THEN $4::bytea END
    WHERE connection = $1 AND resumed_at IS NULL
    RETURNING rests_until
), waiting AS (
    SELECT submissions.id FROM submissions JOIN lifted ON lifted.rests_until = submissions.due_at
    WHERE submissions.connection = $1
    ORDER BY submissions.id
    FOR NO KEY UPDATE OF submissions SKIP LOCKED -- who is at work on one looks by itself
)
UPDATE submissions SET due_at = $2 FROM waiting WHERE submissions.id = waiting.id

-- take_answer --
UPDATE challenges SET taken_at = $2
WHERE id = (
    SELECT id FROM challenges
    WHERE connection = $1 AND submission_id = $3
      AND answer IS NOT NULL AND taken_at IS NULL AND open_until > $2
    ORDER BY asked_at DESC
    LIMIT 1
    FOR UPDATE
) AND taken_at IS NULL
RETURNING id, answer, (SELECT tenant FROM requests WHERE requests.id = challenges.request_id) AS tenant

-- find_member_cases --
SELECT id FROM requests WHERE tenant = $1 AND mode = $2 AND member_index = $3 ORDER BY created_at, id

-- lock_patient --
-- Events of a patient are taken one after the other: each is judged by all before it.
SELECT pg_advisory_xact_lock(hashtextextended('patient ' || encode($1::bytea, 'hex'), 0))

-- load_treatments --
SELECT id, event_index, body_index, body, advice
FROM treatments
WHERE tenant = $1 AND mode = $2 AND patient = $3
ORDER BY n

-- keep_treatment --
INSERT INTO treatments (id, tenant, mode, patient, event_index, body_index, body, advice, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- set_reminders --
-- Arrays, one element each. What was told once is not told again.
INSERT INTO reminders (request_id, line_id, why, of, due_at)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
ON CONFLICT DO NOTHING

-- claim_reminders --
-- As claim_due: put off by a lease until somebody has looked at it.
UPDATE reminders SET due_at = $3
FROM (
    SELECT request_id, line_id, why, of FROM reminders
    WHERE due_at <= $2 ORDER BY due_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
) AS due
WHERE reminders.request_id = due.request_id AND reminders.line_id = due.line_id
    AND reminders.why = due.why AND reminders.of = due.of
RETURNING reminders.request_id

-- list_reminders --
SELECT line_id, why, of FROM reminders WHERE request_id = $1 AND due_at <= $2 ORDER BY line_id, why, of

-- end_reminders --
UPDATE reminders SET due_at = NULL WHERE request_id = $1 AND due_at <= $2
