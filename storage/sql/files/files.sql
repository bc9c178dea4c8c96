-- Files: who uploaded what. The bytes are in the blob store, under the file's id.

-- name: begin_upload
-- An id for a file that is about to arrive, and what it may take of its owner's quota.
SELECT i.id, u.granted, u.used
FROM (SELECT uuid7() AS id OFFSET 0) i, begin_upload(i.id, $1, $2, $3, $4) u;

-- name: end_upload
-- What an upload was granted; absent when it took so long that it was given up.
DELETE FROM file_uploads u WHERE u.file_id = $1 RETURNING u.bytes;

-- name: give_up
-- Ends an upload that failed; whether its bytes are to go, which is then noted.
SELECT give_up_upload($1);

-- name: gone
-- The bytes of an upload that failed are gone.
DELETE FROM file_removals r WHERE r.file_id = $1;

-- name: insert
-- A file whose bytes are stored.
INSERT INTO files (id, owner_id, name, mime, bytes, checksum, width, height, thumbnail_bytes)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
RETURNING id, owner_id, name, mime, bytes, checksum, width, height, thumbnail_bytes, created_at;

-- name: remove
-- Removes a file of its owner's that nothing names: `ok`, `not_found` or `in_use`.
SELECT remove_file($1, $2);

-- name: visible_to
-- A file, to the one who uploaded it, to the members of a conversation that carries it, and to whoever
-- sees a row of the uploader's that names it: a sample of work, a job, an offer, what a contract holds,
-- evidence, what staff is asked. Between two who are alone in a conversation a block ends it.
SELECT f.id, f.owner_id, f.name, f.mime, f.bytes, f.checksum, f.width, f.height, f.thumbnail_bytes,
       f.created_at
FROM files f
WHERE f.id = $1
  AND f.state = 'ready'
  AND (
    f.owner_id = $2
    OR EXISTS (
        SELECT FROM message_attachments a
        JOIN conversation_participants p
          ON p.conversation_id = a.conversation_id AND p.user_id = $2 AND p.left_at IS NULL
        WHERE a.file_id = f.id AND (
            NOT EXISTS (
                SELECT FROM user_blocks b
                WHERE (b.blocker_id, b.blocked_id) IN (($2, f.owner_id), (f.owner_id, $2)))
            OR EXISTS (
                SELECT FROM conversation_participants o
                WHERE o.conversation_id = a.conversation_id AND o.left_at IS NULL
                  AND o.user_id NOT IN ($2, f.owner_id)))
    )
    OR EXISTS (
        SELECT FROM portfolio_items i WHERE i.user_id = f.owner_id AND f.id = ANY (i.file_ids)
    )
    OR EXISTS (
        SELECT FROM jobs j
        WHERE j.client_id = f.owner_id AND f.id = ANY (j.attachment_ids) AND (
            j.status = 'open'
            OR EXISTS (SELECT FROM proposals p WHERE p.job_id = j.id AND p.freelancer_id = $2))
    )
    OR EXISTS (
        SELECT FROM proposals p
        WHERE p.freelancer_id = f.owner_id AND p.client_id = $2 AND f.id = ANY (p.attachment_ids)
    )
    OR EXISTS (
        SELECT FROM contracts c
        WHERE (c.client_id, c.freelancer_id) IN (($2, f.owner_id), (f.owner_id, $2)) AND (
            EXISTS (SELECT FROM deliverables d
                    WHERE d.contract_id = c.id AND f.id = ANY (d.file_ids))
            OR EXISTS (SELECT FROM contract_answers a
                       WHERE a.contract_id = c.id AND f.id = ANY (a.file_ids)))
    )
    OR EXISTS (
        SELECT FROM disputes d
        WHERE d.evidence_file_ids @> ARRAY[f.id] AND d.evidence_file_ids <> '{}'
          AND f.owner_id IN (d.client_id, d.freelancer_id)
          AND ($2 IN (d.client_id, d.freelancer_id) OR EXISTS (
              SELECT FROM users u WHERE u.id = $2 AND u.staff_role IS NOT NULL))
    )
    OR EXISTS (
        SELECT FROM support_tickets t
        WHERE t.attachment_ids @> ARRAY[f.id] AND t.attachment_ids <> '{}' AND t.user_id = f.owner_id
          AND EXISTS (SELECT FROM users u WHERE u.id = $2 AND u.staff_role IS NOT NULL)
    )
  );

-- name: by_id
-- A file, whoever asks.
SELECT f.id, f.owner_id, f.name, f.mime, f.bytes, f.checksum, f.width, f.height, f.thumbnail_bytes,
       f.created_at
FROM files f
WHERE f.id = $1 AND f.state = 'ready';

-- name: by_link
-- A file, to whoever has a signed address of it: while something that can be seen names it, and before
-- anything has named it.
SELECT f.id, f.owner_id, f.name, f.mime, f.bytes, f.checksum, f.width, f.height, f.thumbnail_bytes,
       f.created_at
FROM files f
WHERE f.id = $1
  AND f.state = 'ready'
  AND (is_file_shown(f.id) OR (f.unnamed_since <= f.created_at AND NOT is_file_named(f.id)));
