-- name: waits_of
-- What a backend ($1) waits for now, and who is in its way, the longest transaction first.
SELECT coalesce(l.relation::regclass::text, l.locktype || ' lock') AS wanted, b.pid,
       coalesce(a.application_name, '') AS application,
       coalesce(extract(epoch FROM clock_timestamp() - a.xact_start), 0)::float8 AS open_s
FROM pg_locks l
CROSS JOIN LATERAL unnest(pg_blocking_pids(l.pid)) AS b(pid)
LEFT JOIN pg_stat_activity a ON a.pid = b.pid
WHERE l.pid = $1 AND NOT l.granted
ORDER BY open_s DESC
LIMIT 5
