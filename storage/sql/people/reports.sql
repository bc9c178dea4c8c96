-- name: create
-- The report as stored; no row when the reporter may not see the subject.
SELECT id, subject_type, subject_id, reason, text, status, created_at
FROM create_report($1, $2, $3, $4, $5)
