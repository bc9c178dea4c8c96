-- Files: who uploaded what. The bytes are in the blob store, under the file's id.

-- name: new_id
-- An id for a file that is about to arrive.
SELECT uuid7();

-- name: insert
-- A file whose bytes are stored.
INSERT INTO files (id, owner_id, name, mime, bytes, checksum, width, height)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING id, owner_id, name, mime, bytes, width, height, created_at;

-- name: visible_to
-- A file, to the one who uploaded it, to the members of a conversation that carries it, and to whoever
-- sees a row of the uploader's that names it: a sample of work, a job, an offer, what a contract holds.
SELECT f.id, f.owner_id, f.name, f.mime, f.bytes, f.width, f.height, f.created_at
FROM files f
WHERE f.id = $1
  AND f.state = 'ready'
  AND (
    f.owner_id = $2
    OR EXISTS (
        SELECT FROM message_attachments a
        JOIN conversation_participants p
          ON p.conversation_id = a.conversation_id AND p.user_id = $2 AND p.left_at IS NULL
        WHERE a.file_id = f.id
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
  );

-- name: by_id
-- A file, to whoever has a signed address of it.
SELECT f.id, f.owner_id, f.name, f.mime, f.bytes, f.width, f.height, f.created_at
FROM files f
WHERE f.id = $1 AND f.state = 'ready';
