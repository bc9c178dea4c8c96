-- name: take_turn
-- One at a time gives spellings to rows, until the end of the transaction.
SELECT pg_advisory_xact_lock(7237533916302116)

-- name: without_canonical
-- A page of the rows that have no spelling, by user, after the user $1.
SELECT user_id, email::text AS email FROM user_private
WHERE email_canonical IS NULL AND user_id > $1
ORDER BY user_id
LIMIT $2

-- name: fill
-- Gives rows their spelling where nobody has it, one of several in the same call; the users that got it.
UPDATE user_private p SET email_canonical = g.canonical
FROM (
    SELECT DISTINCT ON (i.canonical::citext) i.user_id, i.email, i.canonical::citext AS canonical
    FROM unnest($1::uuid[], $2::text[], $3::text[]) AS i(user_id, email, canonical)
    ORDER BY i.canonical::citext, i.user_id
) g
WHERE p.user_id = ANY ($1::uuid[]) AND p.user_id = g.user_id AND p.email = g.email::citext
    AND p.email_canonical IS NULL
    AND NOT EXISTS (SELECT FROM user_private h WHERE h.email_canonical = g.canonical)
RETURNING p.user_id

-- name: entitled
-- Of rows without, those that are to have their spelling instead of the account that has it: verified
-- before not, else the older one.
SELECT c.user_id
FROM unnest($1::uuid[], $2::text[]) AS i(user_id, canonical)
JOIN user_private c ON c.user_id = i.user_id AND c.user_id = ANY ($1::uuid[])
    AND c.email_canonical IS NULL
JOIN user_private h ON h.email_canonical = i.canonical::citext
WHERE (c.email_verified_at IS NULL, c.created_at, c.user_id)
    < (h.email_verified_at IS NULL, h.created_at, h.user_id)
ORDER BY c.email_verified_at IS NULL, c.created_at, c.user_id

-- name: release
-- Takes the spelling $2 from the account that has it if the user $1 is to have it, as `entitled` tells.
UPDATE user_private h SET email_canonical = NULL
FROM user_private c
WHERE c.user_id = $1 AND c.email_canonical IS NULL AND h.email_canonical = $2::text::citext
    AND (c.email_verified_at IS NULL, c.created_at, c.user_id)
        < (h.email_verified_at IS NULL, h.created_at, h.user_id)

-- name: holders
-- Which account has each of these spellings, where any has it.
SELECT i.place, h.user_id
FROM unnest($1::text[]) WITH ORDINALITY AS i(canonical, place)
JOIN user_private h ON h.email_canonical = i.canonical::citext
