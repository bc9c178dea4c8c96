-- What is removed of files: the rows of those that nothing names, then the bytes.

-- name: sweep
-- Looks at files that nothing was known to name for that long and removes those that nothing names. None
-- are looked at while another process removes files or uploads.
SELECT looked_at, removed FROM sweep_files($1, $2);

-- name: give_up_uploads
-- Uploads that were broken off: what they stored goes, and their part of the quota is free again. None while
-- another process removes files or uploads: see sweep_files.
WITH turn AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtextextended('parley.sweep_files', 0)) AS is_ours
), late AS (
    SELECT u.file_id FROM file_uploads u
    WHERE (SELECT t.is_ours FROM turn t) AND u.created_at < clock_timestamp() - $1::interval
    ORDER BY u.created_at LIMIT $2
    FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM file_uploads u USING late l WHERE u.file_id = l.file_id RETURNING u.file_id
), noted AS (
    INSERT INTO file_removals (file_id) SELECT g.file_id FROM gone g ON CONFLICT DO NOTHING
)
SELECT count(*) FROM gone;

-- name: due
-- Files whose bytes are to be removed now.
SELECT r.file_id FROM file_removals r WHERE r.due_at <= clock_timestamp() ORDER BY r.due_at LIMIT $1;

-- name: removed
-- Forgets files whose bytes are gone.
DELETE FROM file_removals r WHERE r.file_id = ANY ($1::uuid[]);

-- name: put_off
-- The store refused: it is asked again later.
UPDATE file_removals r SET due_at = clock_timestamp() + $2::interval WHERE r.file_id = ANY ($1::uuid[]);
