-- Addresses that take no mail, by the HMAC of each.

-- name: suppressed
-- Of addresses ($1) those that take no mail now.
SELECT m.address_key, m.reason, m.code, m.since, m.until FROM mail_suppressions m
WHERE m.address_key = ANY ($1::bytea[]) AND m.reason IS NOT NULL AND (m.until IS NULL OR m.until > clock_timestamp())

-- name: note
-- Notes what became of mails; how many addresses take no mail any more by it.
SELECT note_mail_outcomes(
    $1::bytea[], $2::text[], $3::bytea[], $4::text[], $5::timestamptz[],
    $6::integer, make_interval(secs => $7::float8), make_interval(secs => $8::float8))

-- name: release
-- An address ($1) may take mail again; what was before now counts no more. A row if it took none.
UPDATE mail_suppressions m SET
    reason = NULL, code = NULL, since = NULL, until = NULL, soft_at = '{}', soft_events = '{}',
    released_at = clock_timestamp(), updated_at = clock_timestamp()
FROM (SELECT f.reason, f.until FROM mail_suppressions f WHERE f.address_key = $1) was
WHERE m.address_key = $1
RETURNING was.reason IS NOT NULL AND (was.until IS NULL OR was.until > clock_timestamp()) AS was_suppressed

-- name: prune
-- Forgets addresses that take mail, of which nothing was heard for $1 seconds; how many.
WITH forgotten AS (
    DELETE FROM mail_suppressions
    WHERE updated_at < clock_timestamp() - make_interval(secs => $1::float8)
        AND (reason IS NULL OR until < clock_timestamp())
    RETURNING address_key
)
SELECT count(*) FROM forgotten
