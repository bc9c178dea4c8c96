-- Views and searches, in groups.

-- name: count
-- Adds views to the figures of what was looked at, and keeps each.
SELECT count_views($1::text[], $2::uuid[], $3::uuid[], $4::inet[], $5::text[], $6::text[],
                   $7::timestamptz[]);

-- name: searched
-- Keeps searches of people that are there.
INSERT INTO search_history (user_id, search_type, query, filters, results_count)
SELECT s.user_id, s.search_type, s.query, s.filters::jsonb, s.results_count
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::integer[])
     AS s(user_id, search_type, query, filters, results_count)
WHERE EXISTS (SELECT FROM users u WHERE u.id = s.user_id);

-- name: forget_searches
-- Forgets what was searched for longer ago than the platform's setting says.
DELETE FROM search_history h
WHERE h.created_at < now() - make_interval(days => (
    SELECT (s.value #>> '{}')::integer FROM platform_settings s WHERE s.key = 'search_history_days'));

-- name: forget_addresses
-- Forgets from where things were looked at, longer ago than the platform's setting says.
UPDATE view_events v SET ip = NULL, user_agent = NULL, referrer = NULL
WHERE v.ip IS NOT NULL AND v.viewed_at < now() - make_interval(days => (
    SELECT (s.value #>> '{}')::integer FROM platform_settings s WHERE s.key = 'view_address_days'));
