-- Requests that were answered, for those that are sent again.

-- name: lock
-- Takes a user's key until the transaction ends; false when another holds it.
SELECT pg_try_advisory_xact_lock(hashtextextended('parley.once:' || $1::text || ':' || $2::text, 0));

-- name: find
-- What a key was answered with, within a day.
SELECT k.request_hash, k.body, k.headers ->> 'key' AS row_key,
       (k.headers ->> 'version')::integer AS version
FROM idempotency_keys k
WHERE k.user_id = $1 AND k.method = $2 AND k.path = $3 AND k.key = $4
  AND k.created_at > now() - interval '24 hours';

-- name: keep
-- Remembers an answer; one that is older than a day makes room.
INSERT INTO idempotency_keys (user_id, method, path, key, request_hash, status, body, headers)
VALUES ($1, $2, $3, $4, $5, 201, $6, jsonb_build_object('key', $7::text, 'version', $8::integer))
ON CONFLICT (user_id, method, path, key) DO UPDATE SET
    request_hash = EXCLUDED.request_hash, status = EXCLUDED.status, body = EXCLUDED.body,
    headers = EXCLUDED.headers, created_at = now();

-- name: prune
-- Forgets those of more than a day.
DELETE FROM idempotency_keys k WHERE k.created_at <= now() - interval '24 hours';
