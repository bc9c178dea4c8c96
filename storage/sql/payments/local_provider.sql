-- The book of the local provider. Every time comes from the caller: tests move the clock.

-- name: begin
-- Enters an operation under its key ($1): its kind ($2), reference ($3), what it belongs to ($4), token ($5), amount
-- ($6), fee ($7), currency ($8), why it is refused ($9), and the time ($10). A row when the key is new.
INSERT INTO local_provider_operations (key, kind, reference, of_key, token, amount, fee, currency, refusal, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (key) DO NOTHING
RETURNING key

-- name: plan
-- Enters what is to be told, in its order: ids ($1), keys ($2), kinds ($3), bodies ($4), due times ($5), how many
-- times each ($6).
INSERT INTO local_provider_events (id, key, kind, body, due_at, times, number)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::integer[])
    WITH ORDINALITY
ON CONFLICT (id) DO NOTHING

-- name: operations
-- The operations of these keys ($1), each with the event that decides it by a time ($2), if there is one, and whether
-- anything is to be told of it at any time.
SELECT o.key, o.kind, o.reference, o.of_key, o.token, o.amount, o.fee, o.currency, o.refusal,
       e.kind AS event_kind, e.body AS event_body,
       EXISTS (SELECT FROM local_provider_events f WHERE f.key = o.key) AS is_decided
FROM local_provider_operations o
LEFT JOIN LATERAL (
    SELECT e.kind, e.body FROM local_provider_events e
    WHERE e.key = o.key AND e.due_at <= $2 AND e.kind NOT LIKE '%.processing'
    ORDER BY e.due_at DESC, e.number DESC, e.id
    LIMIT 1
) e ON true
WHERE o.key = ANY ($1::text[])

-- name: returned
-- What was asked to be returned of a charge ($1) under other keys than $2, but for what failed by a time ($3).
SELECT coalesce(sum(o.amount), 0) AS amount FROM local_provider_operations o
WHERE o.of_key = $1 AND o.kind = 'return' AND o.key <> $2 AND o.refusal IS NULL AND NOT EXISTS (
    SELECT FROM local_provider_events e WHERE e.key = o.key AND e.kind = 'return.failed' AND e.due_at <= $3
)

-- name: lock
-- Keeps a charge ($1) from being returned by two at once.
SELECT key FROM local_provider_operations WHERE key = $1 AND kind = 'charge' FOR NO KEY UPDATE

-- name: by_reference
-- The key of the charge that has a reference ($1).
SELECT key FROM local_provider_operations WHERE reference = $1 AND kind = 'charge'

-- name: due
-- At most $2 events that are due by a time ($1) and not told as often as they are to be, oldest first.
SELECT id, body, sent FROM local_provider_events
WHERE sent < times AND due_at <= $1
ORDER BY due_at, number, id
LIMIT $2

-- name: sent
-- An event ($1) that was told $2 times before has been told once more.
UPDATE local_provider_events SET sent = sent + 1 WHERE id = $1 AND sent = $2
