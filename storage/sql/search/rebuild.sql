-- Making anew what search keeps of texts, a batch at a time.

-- name: unfinished
-- What is not made anew yet, listings first: they are few, and are searched by more people.
SELECT r.subject FROM search_rebuilds r
WHERE r.finished_at IS NULL
ORDER BY r.subject = 'messages', r.subject

-- name: finished
-- Whether all of a subject is made by the present fold.
SELECT EXISTS (
    SELECT 1 FROM search_rebuilds r
    WHERE r.subject = $1 AND r.fold = search_fold_version() AND r.finished_at IS NOT NULL
)

-- name: begin
-- Where a subject's rebuild stands, for the transaction that takes it further. None when it is finished, or
-- while another process is at it.
SELECT r.position, r.done FROM search_rebuilds r
WHERE r.subject = $1 AND r.finished_at IS NULL
FOR UPDATE SKIP LOCKED

-- name: renew_pages
-- Looks at the next pages of messages, at most $3 above a place, and makes anew the words of those that have
-- others. Not while the index is written: two could read a page in different states and write the older one
-- last. A page whose text is changed meanwhile has lost its row, and gets none here. Without $4 they get no
-- words, and are read.
WITH turn AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(7237533916302115) AS is_ours
), seen AS MATERIALIZED (
    SELECT w.conversation_id, w.page, w.fold FROM message_words w
    WHERE (SELECT is_ours FROM turn) AND (w.conversation_id, w.page) > ($1::uuid, $2::bigint)
    ORDER BY w.conversation_id, w.page
    LIMIT $3
), renewed AS (
    UPDATE message_words w
    SET tokens = CASE WHEN $4::boolean THEN (SELECT p.tokens FROM page_terms(s.conversation_id, s.page) p) END,
        fold = search_fold_version()
    FROM seen s
    WHERE s.fold <> search_fold_version() AND w.conversation_id = s.conversation_id AND w.page = s.page
    RETURNING w.page
)
SELECT (SELECT t.is_ours FROM turn t), (SELECT count(*) FROM renewed) AS renewed, s.conversation_id, s.page
FROM (SELECT 1) AS one LEFT JOIN seen s ON true
ORDER BY s.conversation_id DESC NULLS LAST, s.page DESC
LIMIT 1

-- name: renew_rows
-- Fills the next rows of a table ($1, its key $2) that have nothing yet, at most $4 above a key.
SELECT * FROM renew_terms($1, $2, $3, $4)

-- name: proceed
-- Keeps how far a rebuild has come.
UPDATE search_rebuilds SET position = $2, done = done + $3 WHERE subject = $1

-- name: finish
-- Nothing of a subject is left to do.
UPDATE search_rebuilds SET position = '', finished_at = clock_timestamp() WHERE subject = $1

-- name: progress
-- How far each rebuild has come, and about how many rows there are.
SELECT r.subject, r.done, r.finished_at IS NOT NULL AS is_finished,
       greatest((SELECT c.reltuples::bigint FROM pg_class c
                 WHERE c.oid = to_regclass(CASE r.subject WHEN 'messages' THEN 'message_words' ELSE r.subject END)),
                r.done) AS about
FROM search_rebuilds r
ORDER BY r.subject = 'messages', r.subject
